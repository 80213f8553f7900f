import "server-only";
import { variablePrefix } from "../settings/read-providers";
import { servicePrefix } from "../settings/services";

/** What is looked at, in the order of the report. `<subject>.<what>`; docs/doctor.md has a section for each. */
export const checkIds = [
  "environment.variables",
  "environment.secrets",
  "environment.vault-keys",
  "environment.signing-keys",
  "configuration.file",
  "configuration.trust",
  "database.reached",
  "database.pooling",
  "database.migrations",
  "database.indexes",
  "database.clock",
  "provider.discovery",
  "provider.keys",
  "provider.client",
  "provider.request",
  "provider.refresh-token",
  "provider.sign-out",
  "provider.clock",
  "provider.claims",
  "service.reached",
  "service.refuses",
  "request.address",
  "request.proxies",
  "request.headers",
  "request.cookies",
  "operations.clean-up",
  "operations.limits",
  "operations.token-storage",
  "operations.webhooks",
] as const;

export type CheckId = (typeof checkIds)[number];

/** `ok` is good; a `warning` works and may not be meant; a `fault` keeps somebody from something. */
export type Verdict = "ok" | "warning" | "fault";

/**
 * Everything that can be found, with what it means. The texts are in messages/: `doctor.findings.<code>.said`, and `.cure` for
 * what is not good.
 */
export const findings = {
  variablesRight: ["environment.variables", "ok"],
  variableWrong: ["environment.variables", "fault"],
  variableUnknown: ["environment.variables", "warning"],
  variableMisspelt: ["environment.variables", "warning"],
  secretsStrong: ["environment.secrets", "ok"],
  secretWeak: ["environment.secrets", "warning"],
  secretRepeated: ["environment.secrets", "warning"],
  keysKnown: ["environment.vault-keys", "ok"],
  keysUntold: ["environment.vault-keys", "warning"],
  keyMissing: ["environment.vault-keys", "fault"],
  keyFormer: ["environment.vault-keys", "warning"],
  keyOld: ["environment.vault-keys", "warning"],
  signingKeysGood: ["environment.signing-keys", "ok"],
  signingKeysNone: ["environment.signing-keys", "ok"],
  signingKeyOld: ["environment.signing-keys", "warning"],
  signingKeyClosed: ["environment.signing-keys", "fault"],
  configurationRight: ["configuration.file", "ok"],
  configurationWrong: ["configuration.file", "fault"],
  providersUnnamed: ["configuration.file", "warning"],
  trustSaid: ["configuration.trust", "ok"],
  rolesNotTrusted: ["configuration.trust", "fault"],
  addressesNotTrusted: ["configuration.trust", "fault"],
  databaseReached: ["database.reached", "ok"],
  databaseAway: ["database.reached", "fault"],
  databaseRefused: ["database.reached", "fault"],
  databaseAbsent: ["database.reached", "fault"],
  databaseDirect: ["database.pooling", "ok"],
  databasePooled: ["database.pooling", "ok"],
  databasePooledOnly: ["database.pooling", "warning"],
  migrationsApplied: ["database.migrations", "ok"],
  migrationsMissing: ["database.migrations", "fault"],
  migrationChanged: ["database.migrations", "fault"],
  migrationUnfinished: ["database.migrations", "fault"],
  indexesThere: ["database.indexes", "ok"],
  indexesMissing: ["database.indexes", "fault"],
  databaseClockRight: ["database.clock", "ok"],
  databaseClockOff: ["database.clock", "warning"],
  discovered: ["provider.discovery", "ok"],
  endpointsConfigured: ["provider.discovery", "ok"],
  providerAway: ["provider.discovery", "fault"],
  providerCertificate: ["provider.discovery", "fault"],
  discoveryStatus: ["provider.discovery", "fault"],
  discoveryUnreadable: ["provider.discovery", "fault"],
  issuerOther: ["provider.discovery", "fault"],
  endpointElsewhere: ["provider.discovery", "fault"],
  pkceMissing: ["provider.discovery", "fault"],
  providerUnsupported: ["provider.discovery", "fault"],
  keysUsable: ["provider.keys", "ok"],
  keySetAway: ["provider.keys", "fault"],
  keysUnusable: ["provider.keys", "fault"],
  clientAccepted: ["provider.client", "ok"],
  clientRefused: ["provider.client", "fault"],
  clientUnclear: ["provider.client", "warning"],
  requestAccepted: ["provider.request", "ok"],
  requestUntold: ["provider.request", "ok"],
  requestRefused: ["provider.request", "fault"],
  redirectUriRefused: ["provider.request", "fault"],
  refreshTokenAsked: ["provider.refresh-token", "ok"],
  refreshTokenUnneeded: ["provider.refresh-token", "ok"],
  refreshTokenUnlikely: ["provider.refresh-token", "warning"],
  signOutKnown: ["provider.sign-out", "ok"],
  keycloakFrontChannel: ["provider.sign-out", "warning"],
  providerClockRight: ["provider.clock", "ok"],
  providerClockUntold: ["provider.clock", "ok"],
  providerClockOff: ["provider.clock", "fault"],
  claimsWhole: ["provider.claims", "ok"],
  claimsUntold: ["provider.claims", "warning"],
  claimsLeftOut: ["provider.claims", "warning"],
  serviceReached: ["service.reached", "ok"],
  serviceAway: ["service.reached", "fault"],
  serviceCertificate: ["service.reached", "fault"],
  serviceFailing: ["service.reached", "warning"],
  servicePlain: ["service.reached", "warning"],
  serviceRefuses: ["service.refuses", "ok"],
  serviceUntold: ["service.refuses", "ok"],
  serviceOpen: ["service.refuses", "warning"],
  addressTold: ["request.address", "ok"],
  addressUntold: ["request.address", "warning"],
  proxiesFit: ["request.proxies", "ok"],
  proxiesFew: ["request.proxies", "fault"],
  hostOther: ["request.proxies", "fault"],
  headersSmall: ["request.headers", "ok"],
  headersLarge: ["request.headers", "warning"],
  cookieFits: ["request.cookies", "ok"],
  cookieDigests: ["request.cookies", "ok"],
  cleanUpRuns: ["operations.clean-up", "ok"],
  cleanUpNotYet: ["operations.clean-up", "ok"],
  cleanUpBehind: ["operations.clean-up", "warning"],
  cleanUpOverdue: ["operations.clean-up", "warning"],
  cleanUpUntold: ["operations.clean-up", "warning"],
  limitsCount: ["operations.limits", "ok"],
  limitsUncounted: ["operations.limits", "warning"],
  tokenStorageReached: ["operations.token-storage", "ok"],
  tokenStorageAway: ["operations.token-storage", "warning"],
  tokenStorageUnused: ["operations.token-storage", "warning"],
  webhooksSent: ["operations.webhooks", "ok"],
  webhooksFailing: ["operations.webhooks", "fault"],
  webhooksUnsent: ["operations.webhooks", "warning"],
  webhooksGivenUp: ["operations.webhooks", "warning"],
} as const satisfies Record<string, readonly [CheckId, Verdict]>;

export type FindingCode = keyof typeof findings;

/** Facts for the texts: never a secret, a token or a claim. What others said has been made fit for a log. */
export type Facts = Readonly<Record<string, string | number>>;

export interface Finding {
  code: FindingCode;
  check: CheckId;
  verdict: Verdict;
  /** The id of the provider or service that it is about. */
  about: string | null;
  facts: Facts;
}

/** Makes a finding of its code. */
export function found(code: FindingCode, facts: Facts = {}, about: string | null = null): Finding {
  const [check, verdict] = findings[code];
  return { code, check, verdict, about, facts: about === null ? facts : { ...facts, prefix: prefixOf(about, check) } };
}

/** What its variables begin with. */
function prefixOf(about: string, check: CheckId): string {
  if (about.startsWith("service:")) return servicePrefix(about.slice("service:".length));
  return check.startsWith("service.") ? servicePrefix(about) : variablePrefix(about);
}
