import type { Metadata } from "next";
import { getNow, getTranslations } from "next-intl/server";
import { listConnections } from "@/server/services/connections";
import { listServices } from "@/server/services/registry";
import { isConnectable } from "@/server/services/service-provider";
import { formToken } from "@/server/sessions/form-token";
import { requireSession } from "@/server/sessions/require-session";
import { EmptyPlace } from "@/ui/empty-place";
import { SectionCard } from "@/ui/section-card";
import { AccountFrame } from "../../_components/account-frame";
import { hasRoom } from "../../services/rooms";
import { ConnectionRow } from "./_components/connection-row";
import { IncludedServices } from "./_components/included-services";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.connections");
  return { title: t("title") };
}

export default async function ConnectionsPage() {
  const session = await requireSession({ returnTo: "/account/connections" });
  const [t, now, csrfToken, connections] = await Promise.all([
    getTranslations("account.connections"),
    getNow(),
    formToken("session"),
    listConnections(session.user.id),
  ]);
  const services = listServices();
  const own = services.filter(isConnectable);
  const included = services.filter((service) => !isConnectable(service));
  return (
    <AccountFrame current="connections" heading={t("title")}>
      {services.length === 0 && <EmptyPlace title={t("none.title")} body={t("none.body")} />}
      {own.length > 0 && (
        <SectionCard id="own" heading={t("own.heading", { count: own.length })} lead={t("own.lead")}>
          <ul className="mt-5 divide-y divide-line border-line border-t sm:mt-6">
            {own.map((service) => (
              <ConnectionRow
                key={service.id}
                service={{
                  id: service.id,
                  name: service.name,
                  scopes: service.authentication.scopes,
                  optionalScopes: service.authentication.optionalScopes ?? [],
                  hasRoom: hasRoom(service.id),
                }}
                connection={connections.find((connection) => connection.service === service.id) ?? null}
                csrfToken={csrfToken}
                now={now}
              />
            ))}
          </ul>
        </SectionCard>
      )}
      {included.length > 0 && (
        <IncludedServices
          services={included.map(({ id, name }) => ({ id, name, href: hasRoom(id) ? `/services/${id}` : null }))}
        />
      )}
    </AccountFrame>
  );
}
