import { useTranslations } from "next-intl";
import { Moment } from "@/ui/moment";
import { ScopeChips } from "@/ui/scope-chips";

interface UsableFactsProps {
  until: Date;
  scopes: string[];
  /** What people call these scopes. */
  names: Readonly<Record<string, string>>;
  /** The person's own, where it is an organization. */
  roles: string[];
  now: Date;
}

export function UsableFacts({ until, scopes, names, roles, now }: UsableFactsProps) {
  const t = useTranslations("account.inspector");
  const term = "mt-2.5 text-muted first:mt-0 sm:mt-0";
  return (
    <dl className="grid gap-x-5 gap-y-0.5 sm:grid-cols-[auto_minmax(0,1fr)] sm:gap-y-2">
      <dt className={term}>{t("usableUntil")}</dt>
      <dd className="flex flex-wrap items-baseline gap-x-2.5">
        <Moment at={until} now={now} />
      </dd>
      <dt className={term}>{t("scopes")}</dt>
      <dd>
        {scopes.length > 0 ? (
          <ScopeChips scopes={scopes} names={names} />
        ) : (
          <span className="text-muted">{t("noScopes")}</span>
        )}
      </dd>
      {roles.length > 0 && (
        <>
          <dt className={term}>{t("roles")}</dt>
          <dd className="wrap-anywhere">{roles.join(", ")}</dd>
        </>
      )}
    </dl>
  );
}
