import { useTranslations } from "next-intl";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button-style";
import { Moment } from "@/ui/moment";
import { DeviceIcon } from "./device-icon";
import { OriginLine } from "./origin-line";

interface SessionRowProps {
  session: ListedSession;
  providerName: string;
  csrfToken: string;
  now: Date;
}

export function SessionRow({ session, providerName, csrfToken, now }: SessionRowProps) {
  const { id, isCurrent } = session;
  const t = useTranslations("account.sessions");
  const device = session.device ?? t("deviceUnknown");
  const label = t(isCurrent ? "signOutHere" : "end");
  // Two devices may have the same words: the facts tell them apart, also by ear.
  const facts = `facts-${id}`;
  return (
    <li data-session={id} className="grid gap-x-6 gap-y-4 p-5 sm:grid-cols-[minmax(0,1fr)_auto] sm:p-6">
      <div className="flex min-w-0 gap-4">
        <DeviceIcon kind={session.deviceKind} emphasised={isCurrent} />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
            <h3 className="font-semibold text-lg wrap-anywhere">
              <bdi>{device}</bdi>
            </h3>
            {isCurrent && <Badge tone="good">{t("thisDevice")}</Badge>}
            {session.rememberMe && <Badge tone="plain">{t("kept")}</Badge>}
          </div>
          <div id={facts}>
            <OriginLine place={session.place} providerName={providerName} />
            <dl className="-ml-15 mt-3 grid gap-x-4 text-[0.9375rem] sm:mt-2.5 sm:grid-cols-[auto_minmax(0,1fr)] sm:gap-y-1 sm:ml-0">
              <dt className="text-muted">{t("lastActive")}</dt>
              <dd className="flex flex-wrap items-baseline gap-x-2.5">
                <Moment at={session.lastActiveAt} now={now} />
              </dd>
              <dt className="mt-2 text-muted sm:mt-0">{t("signedIn")}</dt>
              <dd className="flex flex-wrap items-baseline gap-x-2.5">
                <Moment at={session.createdAt} now={now} />
              </dd>
            </dl>
          </div>
        </div>
      </div>
      <form
        method="post"
        action={isCurrent ? "/api/auth/signout" : "/api/account/sessions/end"}
        {...(isCurrent && { "data-scope": "device" })}
      >
        <input type="hidden" name="csrfToken" value={csrfToken} />
        {isCurrent ? (
          <input type="hidden" name="scope" value="device" />
        ) : (
          <input type="hidden" name="session" value={id} />
        )}
        <button
          type="submit"
          aria-label={t("actionOn", { action: label, device })}
          aria-describedby={facts}
          className={buttonStyle("secondary", "w-full sm:w-auto sm:min-w-32")}
        >
          {label}
        </button>
      </form>
    </li>
  );
}
