import { useTranslations } from "next-intl";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";
import { EmptyPlace } from "@/ui/empty-place";
import { EndedRow } from "./ended-row";

interface EndedSessionsProps {
  sessions: ListedSession[];
  /** By the provider's id. */
  providerNames: ReadonlyMap<string, string>;
  now: Date;
}

/** A look back, without a card of its own: there is nothing left to do here. */
export function EndedSessions({ sessions, providerNames, now }: EndedSessionsProps) {
  const t = useTranslations("account.sessions.ended");
  return (
    <section aria-labelledby="ended" className="pt-6">
      <h2 id="ended" className="font-semibold text-xl">
        {t("heading")}
      </h2>
      <p className="mt-1.5 text-muted">{t("lead")}</p>
      {sessions.length > 0 ? (
        <ul className="mt-4 divide-y divide-line border-line border-y">
          {sessions.map((session) => (
            <EndedRow
              key={session.id}
              session={session}
              providerName={providerNames.get(session.provider) ?? session.provider}
              now={now}
            />
          ))}
        </ul>
      ) : (
        <div className="mt-4">
          <EmptyPlace title={t("none.title")} body={t("none.body")} />
        </div>
      )}
    </section>
  );
}
