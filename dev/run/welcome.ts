import { clientAddresses } from "./app-environment";
import { developmentProviders, usersOf, type WorldPlan } from "./world";

/** What a person who has just started all this wants to know, as one block of text. */
export function describeWorld(plan: WorldPlan): string {
  const { appUrl, port, postgresPort, providers, sample } = plan;
  const lines = ["", `  Daemun is running: ${appUrl}`, ""];
  if (providers) {
    lines.push("  Sign in as any of these, with one click or with the password daemun:");
    for (const { id, name } of developmentProviders) {
      lines.push(`    at ${name} (http://localhost:${providers.ports[id]})`);
      for (const user of usersOf(plan, id)) {
        lines.push(`      ${user.login.padEnd(12)} ${[user.name, user.about?.en].filter(Boolean).join(" · ")}`);
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
  }
  if (plan.ownProviders) {
    lines.push(
      "  The sign-in providers come from the environment. Register at each of them:",
      `    redirect URI          ${appUrl}/api/auth/callback/<provider>`,
      `    back-channel logout   ${appUrl}/api/oidc/<provider>/backchannel-logout`,
      `    front-channel logout  ${appUrl}/api/oidc/<provider>/frontchannel-logout`,
      `    after sign-out        ${appUrl}/signed-out`,
    );
  }
  if (sample) lines.push(...sample.kit.describe({ appUrl, ports: sample.ports }));
  const database = postgresPort
    ? `an embedded PostgreSQL on port ${postgresPort}, kept in .data/`
    : "the one in DATABASE_URL";
  lines.push("", `  Database: ${database}. Listening on localhost:${port} only.`, "  Ctrl-C stops everything.", "");
  return lines.join("\n");
}
