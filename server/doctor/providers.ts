import "server-only";
import { requireSupported } from "../oidc/client-authentication";
import { OidcError } from "../oidc/errors";
import { discoveredIssuer } from "../oidc/issuer";
import { fetchMetadata, type ProviderMetadata } from "../oidc/metadata";
import { fetchOutbound, type OutboundAnswer, parseJsonObject } from "../oidc/outbound";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { type Finding, found } from "./findings";
import { examineClient } from "./provider-client";
import { examineKeys } from "./provider-keys";
import { examineRequest } from "./provider-request";
import { examineRefreshTokens, examineSignOut } from "./provider-traits";
import { certificateFault, reasonOf, saidBy } from "./said";

/**
 * A provider as it is now: discovery, keys, the client's registration, what a sign-in asks for. Each request is bounded by
 * `OUTBOUND_TIMEOUT_MS`; nothing is changed there.
 *
 * @param redirectUri where it is to send users back to
 * @param signsIn false for the authorization server of a service, which signs nobody in
 */
export async function examineProvider(
  provider: ProviderSettings,
  { redirectUri, signsIn = true }: { redirectUri: string; signsIn?: boolean },
): Promise<Finding[]> {
  const { metadata, findings } = await examineDiscovery(provider);
  if (!metadata) return findings;
  const traits = signsIn ? [examineSignOut(provider, metadata), examineRefreshTokens(provider, metadata)] : [];
  const rest = await Promise.all([
    examineKeys(provider, metadata),
    examineClient(provider, metadata, redirectUri),
    examineRequest(provider, metadata, redirectUri),
    ...traits,
  ]);
  return [...findings, ...rest.flat()];
}

async function examineDiscovery(
  provider: ProviderSettings,
): Promise<{ metadata: ProviderMetadata | null; findings: Finding[] }> {
  const { id, issuer } = provider;
  if (provider.endpoints) {
    return { metadata: await fetchMetadata(provider), findings: [found("endpointsConfigured", {}, id)] };
  }
  const address = provider.discoveryUrl ?? `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  let answer: OutboundAnswer;
  try {
    answer = await fetchOutbound(address, { headers: { Accept: "application/json" }, takesRedirect: true });
  } catch (error) {
    return { metadata: null, findings: [notReached(provider, address, error)] };
  }
  const { status } = answer;
  if (status !== 200) return { metadata: null, findings: [found("discoveryStatus", { address, status }, id)] };
  const clock = examineClock(provider, answer.headers.get("date"));
  try {
    const metadata = await fetchMetadata(provider);
    requireSupported(provider, metadata);
    return { metadata, findings: [found("discovered", { issuer: metadata.issuer }, id), clock] };
  } catch (error) {
    return { metadata: null, findings: [whatIsWrong(provider, { error, answer, address })] };
  }
}

function notReached({ id }: ProviderSettings, address: string, error: unknown): Finding {
  const reason = reasonOf(error);
  const certificate = certificateFault(reason);
  const facts = { address, reason, ...(certificate && { certificate }) };
  return found(certificate ? "providerCertificate" : "providerAway", facts, id);
}

interface Wrong {
  error: unknown;
  answer: OutboundAnswer;
  address: string;
}

function whatIsWrong(provider: ProviderSettings, { error, answer, address }: Wrong): Finding {
  const { id } = provider;
  const document = documentIn(answer);
  const detail = error instanceof OidcError ? error.detail : "";
  if (detail === "issuer") {
    const facts = { expected: discoveredIssuer(provider), issuer: saidBy(document?.issuer) };
    return found("issuerOther", facts, id);
  }
  if (detail === "endpoint_host" || detail === "address") {
    return found("endpointElsewhere", { hosts: hostsOf(provider, document ?? {}).join(", ") || "?" }, id);
  }
  if (detail === "pkce") return found("pkceMissing", {}, id);
  const isForm = !document || detail === "metadata" || detail === "json" || detail === "media_type";
  if (isForm) return found("discoveryUnreadable", { address }, id);
  if (error instanceof OidcError && error.code !== "provider_misconfigured")
    return notReached(provider, address, error);
  return found("providerUnsupported", { what: detail }, id);
}

function documentIn(answer: OutboundAnswer): Record<string, unknown> | null {
  try {
    return parseJsonObject(answer);
  } catch {
    return null;
  }
}

/** The hosts of endpoints on which none may be. */
function hostsOf({ issuer, endpointHosts }: ProviderSettings, document: Record<string, unknown>): string[] {
  const allowed = new Set([new URL(issuer).host, ...endpointHosts]);
  const endpoints = Object.entries(document).filter(([name]) => name.endsWith("_endpoint") || name === "jwks_uri");
  const hosts = endpoints.flatMap(([, value]) => (URL.canParse(String(value)) ? [new URL(String(value)).host] : []));
  return [...new Set(hosts)].filter((host) => !allowed.has(host));
}

function examineClock({ id }: ProviderSettings, date: string | null): Finding {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return found("providerClockUntold", {}, id);
  // The header has whole seconds, and was on its way.
  const seconds = Math.round((at - Date.now()) / 1000);
  const { clockToleranceSeconds, idTokenMaxAgeSeconds } = env();
  const isOff = seconds > clockToleranceSeconds + 1 || -seconds > idTokenMaxAgeSeconds;
  const facts = { seconds: Math.abs(seconds), direction: seconds > 0 ? "ahead" : "behind" };
  return found(isOff ? "providerClockOff" : "providerClockRight", facts, id);
}
