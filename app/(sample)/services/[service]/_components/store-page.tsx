import { getTranslations } from "next-intl/server";
import { formToken, getOrganizations, mayCall } from "@/auth";
import { EmptyPlace } from "@/ui/empty-place";
import { parseStock } from "../listing";
import { hasScope } from "../permission";
import { readListing } from "../read-listing";
import type { ServicePageProps } from "../service-page-props";
import { Inventory } from "./inventory";
import { OrganizationChoice } from "./organization-choice";
import { Patient } from "./patient";
import { ServiceFailure } from "./service-failure";

/** Stock: a service that is called for one of the person's organizations. */
export async function StorePage({ service, session, query }: ServicePageProps) {
  const [t, csrfToken] = await Promise.all([getTranslations("services.inventory"), formToken("session")]);
  const organizations = getOrganizations(session);
  const address = `/services/${service.id}`;
  const asked = query.organization ?? session.organization ?? organizations[0]?.id;
  if (asked === undefined) return <EmptyPlace title={t("noOrganization.title")} body={t("noOrganization.body")} />;
  const chosen = organizations.find(({ id }) => id === asked);
  const choice = <OrganizationChoice organizations={organizations} chosen={chosen?.id ?? null} address={address} />;
  const place = { service: service.id, address, provider: session.provider };
  if (!chosen) {
    return (
      <>
        {choice}
        <ServiceFailure code="unknown_organization" place={place} />
      </>
    );
  }
  const there = { ...place, address: `${address}?${new URLSearchParams({ organization: chosen.id })}` };
  const reading = Promise.all([
    readListing(service.id, "/inventory", { list: "items", parse: parseStock, organization: chosen.id }),
    hasScope(service, "store:write", chosen.id),
  ]);
  const heading = t("heading", { organization: chosen.name });
  return (
    <>
      {choice}
      <Patient reading={reading} heading={heading} address={there.address} query={query}>
        {([initial, isGranted]) => (
          <Inventory
            // Each organization has shelves of its own.
            key={chosen.id}
            place={{ ...there, organization: chosen.id }}
            organizationName={chosen.name}
            csrfToken={csrfToken}
            initial={initial}
            mayStock={isGranted && mayCall(session, service.id, "POST", "/inventory")}
          />
        )}
      </Patient>
    </>
  );
}
