import { useTranslations } from "next-intl";
import type { UserDetails } from "@/server/administration/find-user";
import { getService } from "@/server/services/known-service";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { ScopeChips } from "@/ui/scope-chips";
import { SectionCard } from "@/ui/section-card";

/** What a user has granted this app at services, by their names. */
export function Connections({ connections, now }: { connections: UserDetails["connections"]; now: Date }) {
  const t = useTranslations("admin.user.connections");
  return (
    <SectionCard id="connections" heading={t("heading", { count: connections.length })}>
      {connections.length === 0 && (
        <div className="p-5 sm:p-6">
          <EmptyPlace title={t("none.title")} body={t("none.body")} />
        </div>
      )}
      <ul className="divide-y divide-line px-5 pb-2 sm:px-6">
        {connections.map(({ id, service, scopes, createdAt, lastUsedAt }) => (
          <li key={id} className="grid gap-x-6 gap-y-2 py-4 sm:grid-cols-[minmax(0,1fr)_12rem]">
            <div className="min-w-0 space-y-2">
              <h3 className="font-semibold wrap-anywhere">{getService(service)?.name ?? service}</h3>
              <ScopeChips scopes={scopes} label={t("scopes")} />
            </div>
            <dl className="text-sm">
              <dt className="text-muted">{t(lastUsedAt ? "lastUsed" : "since")}</dt>
              <dd>
                <Moment at={lastUsedAt ?? createdAt} now={now} />
              </dd>
            </dl>
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}
