import "server-only";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { cleanUp } from "./accounts/clean-up";
import { sealByItself } from "./audit/seal-by-itself";
import { listenToEvents } from "./hooks/run-hooks";
import { tellsAddresses } from "./http/client-address";
import { printAsLines } from "./http/console-lines";
import { keepIdleConnections } from "./http/idle-connections";
import { log } from "./http/log";
import { refuseEarly } from "./http/refuse-early";
import { observeRequests } from "./http/request-context";
import { noticeStop } from "./http/stopping";
import { sweepByItself } from "./services/sweep-by-itself";
import { countActiveSessions } from "./sessions/registry/count-active-sessions";
import { checkConfig, checkWithEnvironment, providersWithoutTrust, unnamedProviders } from "./settings/check-config";
import { EnvError, env } from "./settings/env";
import { scopesLeftOut, variablePrefix } from "./settings/read-providers";
import { plainHttpServices } from "./settings/services";
import { gauge } from "./telemetry/meters";
import { startTelemetry } from "./telemetry/start-telemetry";
import { tokenStorageFault } from "./tokens/token-storage";
import { deliverSoon } from "./webhooks/deliver-soon";
import { readOutbox } from "./webhooks/outbox";

/** Checks everything that can be wrong before the first request, and begins to observe requests and the signal to stop. Ends the process otherwise. */
export async function startServer(): Promise<void> {
  const environment = environmentFaults();
  const config = checkConfig();
  const faults = [
    ...environment,
    ...config,
    ...(environment.length + config.length === 0 ? [...checkWithEnvironment(), ...storageFaults()] : []),
  ];
  if (faults.length > 0) {
    // Not through the logger: somebody is looking at this terminal and has to mend it.
    console.error(`Daemun does not start:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    process.exit(1);
  }
  if (env().production) printAsLines();
  for (const { name } of env().unknownVariables) log.warn("environment.unknown_variable", { name });
  const storage = tokenStorageFault();
  if (storage) log.warn("token_storage.not_chosen", { reason: storage.text });
  if (env().databasePoolRaised)
    log.warn("environment.connection_limit", {
      reason: "connection_limit in DATABASE_URL is less than 2, which an instance needs: it is read as 2.",
    });
  const unnamed = unnamedProviders().map(({ id }) => id);
  if (unnamed.length > 0)
    log.warn("config.unnamed_providers", { providers: unnamed.join(" "), reason: "no AUTH_<ID>_ID" });
  for (const { id } of plainHttpServices(env().services))
    log.warn("service.plain_http", {
      service: id,
      reason: "allowHttp: users' tokens go over the network in the clear",
    });
  for (const provider of env().providers) {
    const lacks =
      provider.resources.length > 0 && provider.scopesWhereSupported.length === 0 ? scopesLeftOut(provider) : [];
    if (lacks.length === 0) continue;
    const variable = `${variablePrefix(provider.id)}_SCOPE`;
    log.warn("provider.scope_lacks", {
      provider: provider.id,
      lacks: lacks.join(" "),
      cure: `Add them to ${variable}, or there may be no access tokens for your resources.`,
    });
  }
  warnOfUntold("trustRoles", "provider.roles_not_trusted", "Roles and organizations of these providers open nothing.");
  warnOfUntold(
    "trustEmail",
    "provider.addresses_not_trusted",
    "Addresses of these providers do not count: their users have none here.",
  );
  const { trustedProxyHops, secure, demo, production, telemetry, vercel, sweepIntervalSeconds, webhook } = env();
  noticeStop(await startTelemetry(telemetry));
  // Vercel writes it over whatever a client sent. Elsewhere anybody could.
  const platformHeader = vercel ? "x-vercel-forwarded-for" : null;
  const platformPlace = vercel ? { country: "x-vercel-ip-country", city: "x-vercel-ip-city" } : null;
  const placeHeaders = (daemun as Configuration).clientPlaceHeaders ?? platformPlace;
  const trust = { trustedProxyHops, header: daemun.clientAddressHeader ?? platformHeader, secure };
  if (!tellsAddresses(trust)) {
    const cure =
      "Set TRUSTED_PROXY_HOPS (0 if nothing is in front of the app) or clientAddressHeader in daemun.config.ts.";
    log.warn("limits.no_client_address", { cure });
  }
  if (telemetry.metrics) gauge("daemun.sessions.active", countActiveSessions);
  if (telemetry.metrics && webhook) gauge("daemun.webhooks.waiting", async () => (await readOutbox()).waiting);
  observeRequests({ ...trust, placeHeaders, loopbackOnly: demo, vercel });
  refuseEarly({ production });
  keepIdleConnections();
  sweepByItself(sweepIntervalSeconds, cleanUp);
  listenToEvents();
  if (vercel) return;
  sealByItself();
  // What a process that died has not sent any more.
  deliverSoon();
}

function storageFaults(): string[] {
  const fault = tokenStorageFault();
  return fault?.stops ? [fault.text] : [];
}

function warnOfUntold(trait: "trustRoles" | "trustEmail", event: string, consequence: string): void {
  const untold = providersWithoutTrust(trait);
  if (untold.length === 0) return;
  const line = untold.map((id) => `${/^[a-z]+$/.test(id) ? id : `"${id}"`}: { ${trait}: true }`).join(", ");
  const cure = `${consequence} Where they should, add to daemun.config.ts: providers: { ${line} }, or say false.`;
  log.warn(event, { providers: untold.join(" "), cure });
}

function environmentFaults(): readonly string[] {
  try {
    env();
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.faults;
    throw error;
  }
}
