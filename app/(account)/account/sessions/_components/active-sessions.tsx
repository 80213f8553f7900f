import { useTranslations } from "next-intl";
import { SignOutForm } from "@/server/forms/sign-out-form";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";
import { SessionRow } from "./session-row";

interface ActiveSessionsProps {
  sessions: ListedSession[];
  /** By the provider's id. */
  providerNames: ReadonlyMap<string, string>;
  /** The name of the provider that would be asked who is there. */
  currentProvider: string;
  csrfToken: string;
  now: Date;
}

export function ActiveSessions({ sessions, providerNames, currentProvider, csrfToken, now }: ActiveSessionsProps) {
  const t = useTranslations("account.sessions");
  const hasOthers = sessions.some(({ isCurrent }) => !isCurrent);
  return (
    <SectionCard
      id="active"
      heading={t("active.heading", { count: sessions.length })}
      lead={hasOthers ? t("active.lead") : t("active.alone")}
    >
      <div className="border-line border-b px-5 pt-4 pb-5 sm:px-6 sm:pb-6">
        <div className="flex flex-col gap-3 sm:flex-row sm:flex-wrap">
          {hasOthers && (
            <form method="post" action="/api/account/sessions/end" data-which="others">
              <input type="hidden" name="csrfToken" value={csrfToken} />
              <input type="hidden" name="which" value="others" />
              <button type="submit" aria-describedby="confirming" className={buttonStyle("primary", "w-full")}>
                {t("endOthers")}
              </button>
            </form>
          )}
          <SignOutForm scope="everywhere">
            <button type="submit" className={buttonStyle("secondary", "w-full")}>
              {t("endEverywhere")}
            </button>
          </SignOutForm>
        </div>
        {hasOthers && (
          <p id="confirming" className="mt-3 text-muted text-sm">
            {t("confirming", { provider: currentProvider })}
          </p>
        )}
      </div>
      <ul className="divide-y divide-line">
        {sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            providerName={providerNames.get(session.provider) ?? session.provider}
            csrfToken={csrfToken}
            now={now}
          />
        ))}
      </ul>
    </SectionCard>
  );
}
