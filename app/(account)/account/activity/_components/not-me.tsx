import { useTranslations } from "next-intl";
import type { Activity } from "@/server/accounts/activity";
import { buttonStyle } from "@/ui/button-style";

interface NotMeProps {
  activity: Activity;
  sentence: string;
  /** The id of what tells this entry from others, also by ear. */
  facts: string;
  csrfToken: string;
}

/** For a sign-in: ends its session, where that lives on another device, and leads to what else to do. */
export function NotMe({ activity: { event, isFailure, session, sessionId }, sentence, facts, csrfToken }: NotMeProps) {
  const t = useTranslations("account.activity.notMe");
  if (isFailure || (event !== "sign_in.succeeded" && event !== "session.new_device")) return null;
  const label = { "aria-label": t("on", { what: sentence }), "aria-describedby": facts };
  const style = buttonStyle("secondary", "w-full sm:w-auto");
  if (session !== "lives" || sessionId === null)
    return (
      <a href="#next" {...label} className={buttonStyle("quiet", "px-0! sm:px-5!")}>
        {t("label")}
      </a>
    );
  return (
    <form method="post" action="/api/account/sessions/end" data-not-me={sessionId}>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="session" value={sessionId} />
      <input type="hidden" name="page" value="activity" />
      <button type="submit" {...label} className={style}>
        {t("label")}
      </button>
    </form>
  );
}
