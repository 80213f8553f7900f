import { getTranslations } from "next-intl/server";
import { formToken, listConnections } from "@/auth";
import { parseNote } from "../listing";
import { readListing } from "../read-listing";
import type { ServicePageProps } from "../service-page-props";
import { AskForMore } from "./ask-for-more";
import { ConnectFirst } from "./connect-first";
import { Notes } from "./notes";
import { Patient } from "./patient";

/** Notes: a service with an authorization server of its own, which the person connects. */
export async function NotesPage({ service, session, query }: ServicePageProps) {
  const [t, csrfToken, connections] = await Promise.all([
    getTranslations("services.notes"),
    formToken("session"),
    listConnections(session.user.id),
  ]);
  const connection = connections.find((one) => one.service === service.id);
  const place = { service: service.id, address: `/services/${service.id}`, provider: session.provider };
  const form = { service: service.id, host: service.connectHost, csrfToken, returnTo: place.address };
  const scopes = service.authentication.kind === "client" ? service.authentication.scopes : [];
  const connect = <ConnectFirst {...form} serviceName={service.name} scopes={scopes} />;
  if (!connection) return connect;
  const reading = readListing(service.id, "/notes", { list: "notes", parse: parseNote });
  return (
    <Patient reading={reading} heading={t("headingUnknown")} address={place.address} query={query}>
      {(initial) =>
        // The third party may have ended the connection in the meantime.
        initial.kind === "failed" && initial.code === "service_not_connected" ? (
          connect
        ) : (
          <Notes
            place={place}
            csrfToken={csrfToken}
            initial={initial}
            mayWrite={connection.scopes.includes("notes:write")}
          >
            <AskForMore {...form} />
          </Notes>
        )
      }
    </Patient>
  );
}
