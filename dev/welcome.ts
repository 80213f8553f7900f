import { clientAddresses, connectAddress } from "./app-environment";
import { demoPeople } from "./identity-provider/people";
import { developmentProviders, sampleServices, type WorldPlan } from "./world";

/** What a person who has just started all this wants to know, as one block of text. */
export function describeWorld({ appUrl, port, postgresPort, providers, services }: WorldPlan): string {
  const lines = ["", `  Daemun is open: ${appUrl}`, ""];
  if (providers) {
    lines.push("  Sign in as any of these, with one click or with the password daemun:");
    for (const { id, name } of developmentProviders) {
      lines.push(`    at ${name} (http://localhost:${providers.ports[id]})`);
      for (const person of demoPeople(id)) {
        lines.push(`      ${person.login.padEnd(12)} ${[person.name, person.about?.en].filter(Boolean).join(" · ")}`);
      }
    }
    lines.push("", "  Registered there for this app:");
    for (const { id } of developmentProviders) {
      const addresses = clientAddresses(appUrl, id);
      lines.push(
        `    redirect URI          ${addresses.redirectUris.join(" ")}`,
        `    back-channel logout   ${addresses.backchannelLogoutUri}`,
        `    front-channel logout  ${addresses.frontchannelLogoutUri}`,
      );
    }
    lines.push(`    after sign-out        ${clientAddresses(appUrl, "").postLogoutRedirectUris.join(" ")}`);
  } else {
    lines.push(
      "  Who signs people in comes from the environment. Register with each provider:",
      `    redirect URI          ${appUrl}/api/auth/callback/<provider>`,
      `    back-channel logout   ${appUrl}/api/oidc/<provider>/backchannel-logout`,
      `    front-channel logout  ${appUrl}/api/oidc/<provider>/frontchannel-logout`,
      `    after sign-out        ${appUrl}/signed-out`,
    );
  }
  if (services) {
    const places = sampleServices.map(({ id, name }) => `${name} (http://localhost:${services.ports[id]})`).join(", ");
    lines.push(
      `    connecting Notes      ${connectAddress(appUrl, "notes")} (at http://localhost:${services.notesIssuerPort})`,
      "",
      `  All four OAuth roles run: these people own, their issuers authorize, this app asks, and ${places} serve.`,
    );
  }
  const database = postgresPort
    ? `an embedded PostgreSQL on port ${postgresPort}, kept in .data/`
    : "the one in DATABASE_URL";
  lines.push("", `  Database: ${database}. Listening on localhost:${port} only.`, "  Ctrl-C stops all of it.", "");
  return lines.join("\n");
}
