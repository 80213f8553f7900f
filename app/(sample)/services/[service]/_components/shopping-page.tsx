import { getTranslations } from "next-intl/server";
import { formToken, mayCall } from "@/auth";
import { parseOrder } from "../listing";
import { hasScope } from "../permission";
import { readListing } from "../read-listing";
import type { ServicePageProps } from "../service-page-props";
import { Orders } from "./orders";
import { Patient } from "./patient";

/** Orders: a service that takes the token of the person's sign-in. */
export async function ShoppingPage({ service, session, query }: ServicePageProps) {
  const [t, csrfToken] = await Promise.all([getTranslations("services.orders"), formToken("session")]);
  const place = { service: service.id, address: `/services/${service.id}`, provider: session.provider };
  const reading = Promise.all([
    readListing(service.id, "/orders", { list: "orders", parse: parseOrder }),
    hasScope(service, "shopping:write"),
  ]);
  return (
    <Patient reading={reading} heading={t("headingUnknown")} address={place.address} query={query}>
      {([initial, isGranted]) => (
        <Orders
          place={place}
          csrfToken={csrfToken}
          initial={initial}
          mayWrite={isGranted && mayCall(session, service.id, "POST", "/orders")}
        />
      )}
    </Patient>
  );
}
