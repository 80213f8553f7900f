import { useTranslations } from "next-intl";
import type { Connection } from "@/server/services/connections";
import { Moment } from "@/ui/moment";
import { ScopeChips } from "@/ui/scope-chips";

interface ConnectionFactsProps {
  connection: Connection | null;
  /** What connecting asks for. */
  scopes: readonly string[];
  /** What could be asked for besides, and is not granted. */
  missing: readonly string[];
  /** What people call these scopes. */
  names: Readonly<Record<string, string>>;
  now: Date;
}

const term = "mt-2.5 text-muted first:mt-0 sm:mt-0";

export function ConnectionFacts({ connection, scopes, missing, names, now }: ConnectionFactsProps) {
  const t = useTranslations("account.connections");
  return (
    <dl className="-ml-15 mt-3 grid gap-x-5 gap-y-0.5 text-[0.9375rem] sm:mt-1.5 sm:ml-0 sm:grid-cols-[auto_minmax(0,1fr)] sm:gap-y-2">
      {connection && (
        <>
          {connection.account !== null && (
            <>
              <dt className={term}>{t("account")}</dt>
              <dd className="wrap-anywhere">
                <bdi>{connection.account}</bdi>
              </dd>
            </>
          )}
          <dt className={term}>{t("since")}</dt>
          <dd className="flex flex-wrap items-baseline gap-x-2.5">
            <Moment at={connection.since} now={now} />
          </dd>
          <dt className={term}>{t("lastUsed")}</dt>
          <dd className="flex flex-wrap items-baseline gap-x-2.5">
            {connection.lastUsedAt ? <Moment at={connection.lastUsedAt} now={now} /> : t("neverUsed")}
          </dd>
        </>
      )}
      <dt className={term}>{t(connection ? "allowed" : "wouldBeAllowed")}</dt>
      <dd>
        <ScopeChips scopes={connection?.scopes ?? scopes} names={names} />
      </dd>
      {connection && missing.length > 0 && (
        <>
          <dt className={term}>{t("notAllowed")}</dt>
          <dd>
            <ScopeChips scopes={missing} names={names} />
          </dd>
        </>
      )}
    </dl>
  );
}
