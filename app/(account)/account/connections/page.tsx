import type { Metadata } from "next";
import { getNow, getTranslations } from "next-intl/server";
import { parseReturnPath } from "@/edge/return-path";
import { signInHost } from "@/server/oidc/leads-to";
import { listConnections } from "@/server/services/connections";
import { listServices } from "@/server/services/registry";
import { isConnectable, providerOf } from "@/server/services/service-provider";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { EmptyPlace } from "@/ui/empty-place";
import { SectionCard } from "@/ui/section-card";
import { AccountFrame } from "../../_components/account-frame";
import { ConnectionRow } from "./_components/connection-row";
import { IncludedServices } from "./_components/included-services";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.connections");
  return { title: t("title") };
}

const ownPath = "/account/connections";

/** Who comes from a page that needs a service says so in `returnTo`, and is back there once it is connected. */
export default async function ConnectionsPage({ searchParams }: PageProps<"/account/connections">) {
  const { returnTo } = await searchParams;
  const session = await requireSession({ returnTo: ownPath });
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
                  host: signInHost(providerOf(service)),
                  scopes: service.authentication.scopes,
                  optionalScopes: service.authentication.optionalScopes ?? [],
                  page: service.page ?? null,
                }}
                connection={connections.find((connection) => connection.service === service.id) ?? null}
                csrfToken={csrfToken}
                returnTo={typeof returnTo === "string" ? parseReturnPath(returnTo) : ownPath}
                now={now}
              />
            ))}
          </ul>
        </SectionCard>
      )}
      {included.length > 0 && (
        <IncludedServices services={included.map(({ id, name, page = null }) => ({ id, name, href: page }))} />
      )}
    </AccountFrame>
  );
}
