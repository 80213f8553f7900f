import "server-only";
import { z } from "zod";
import { env } from "../settings/env";
import type { Endpoints, ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import { discoveredIssuer } from "./issuer";
import { beforeDeadline, fetchOutbound, parseJsonObject, requireOutboundAddress, withoutDeadline } from "./outbound";

// What is left out, empty or of another kind says nothing. Only what has to be there, and endpoints, costs a sign-in.
const text = z.string().min(1).optional().catch(undefined);
const texts = z
  .array(z.unknown())
  .transform((list) => list.filter((item) => typeof item === "string"))
  .refine((list) => list.length > 0)
  .optional()
  .catch(undefined);

// Unknown members are kept: NextAuth and openid-client read some that we do not.
const metadataSchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  // Only RECOMMENDED (OpenID Connect Discovery 1.0, section 3): a provider without it works on its ID token's claims.
  userinfo_endpoint: text,
  end_session_endpoint: text,
  revocation_endpoint: text,
  introspection_endpoint: text,
  pushed_authorization_request_endpoint: text,
  require_pushed_authorization_requests: z.boolean().optional().catch(undefined),
  code_challenge_methods_supported: texts,
  id_token_signing_alg_values_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  scopes_supported: texts,
  prompt_values_supported: texts,
  authorization_response_iss_parameter_supported: z.boolean().optional().catch(undefined),
});

/** A provider's discovery document after checking: its issuer is the one configured, its endpoints are where they may be. */
export type ProviderMetadata = z.infer<typeof metadataSchema>;

const freshMs = 10 * 60_000;
const staleMs = 24 * 60 * 60_000;
const known = new Map<string, { metadata: ProviderMetadata; at: number }>();
const underWay = new Map<string, Promise<ProviderMetadata>>();

/**
 * The metadata as known, at most ten minutes old, else fetched. What is known serves up to a day while the provider
 * cannot be asked: a logout token must not be refused because discovery is away for a moment.
 *
 * @throws OidcError
 */
export async function getMetadata(provider: ProviderSettings): Promise<ProviderMetadata> {
  if (provider.endpoints) return configuredMetadata(provider, provider.endpoints);
  const entry = known.get(provider.id);
  if (entry && Date.now() - entry.at < freshMs) return entry.metadata;
  try {
    return await fetchMetadata(provider);
  } catch (error) {
    const isAway = error instanceof OidcError && /^provider_(?:unavailable|timeout)$/.test(error.code);
    if (isAway && entry && Date.now() - entry.at < staleMs) return entry.metadata;
    throw error;
  }
}

/** What this process knows of it without asking anybody, however old; null for nothing. */
export function metadataAtHand(provider: ProviderSettings): ProviderMetadata | null {
  if (provider.endpoints) return configuredMetadata(provider, provider.endpoints);
  return known.get(provider.id)?.metadata ?? null;
}

/**
 * The metadata at most half a minute old (`DISCOVERY_MAX_AGE_SECONDS`), else fetched: whoever is about to be redirected to
 * the provider wants to know whether it is there at all.
 *
 * @throws OidcError
 */
export async function getRecentMetadata(
  provider: ProviderSettings,
  limits: { timeoutMs?: number } = {},
): Promise<ProviderMetadata> {
  if (provider.endpoints) return configuredMetadata(provider, provider.endpoints);
  const entry = known.get(provider.id);
  const isRecent = entry && Date.now() - entry.at < env().discoveryMaxAgeSeconds * 1000;
  return isRecent ? entry.metadata : fetchMetadata(provider, limits);
}

/**
 * Fetches and checks the discovery document now. Concurrent callers share one request.
 *
 * Source: OpenID Connect Discovery 1.0, sections 4 and 4.3.
 * @throws OidcError `provider_misconfigured`, `provider_unavailable`, `provider_timeout`
 */
export function fetchMetadata(
  provider: ProviderSettings,
  { timeoutMs }: { timeoutMs?: number } = {},
): Promise<ProviderMetadata> {
  if (provider.endpoints) return Promise.resolve(configuredMetadata(provider, provider.endpoints));
  let request = underWay.get(provider.id);
  if (!request) {
    // Shared, so it has a deadline of its own: a caller that is nearly out of time must not cut it short for the others.
    request = withoutDeadline(() => discover(provider)).finally(() => underWay.delete(provider.id));
    underWay.set(provider.id, request);
  }
  return beforeDeadline(request, timeoutMs);
}

/** What configuration says in place of a discovery document. Its addresses are the operator's own. */
function configuredMetadata(
  { issuer, clientAuthentication }: ProviderSettings,
  endpoints: Endpoints,
): ProviderMetadata {
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    // None: without discovery there is no ID token that could be verified, and none is heeded.
    jwks_uri: "",
    ...(clientAuthentication && { token_endpoint_auth_methods_supported: [clientAuthentication] }),
    ...(endpoints.userinfo !== null && { userinfo_endpoint: endpoints.userinfo }),
    ...(endpoints.revocation !== null && { revocation_endpoint: endpoints.revocation }),
  };
}

async function discover(provider: ProviderSettings): Promise<ProviderMetadata> {
  const address = provider.discoveryUrl ?? `${provider.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetchOutbound(address, {
    headers: { Accept: "application/json" },
  });
  if (answer.status >= 500 || answer.status === 429) throw new OidcError("provider_unavailable", "discovery_status");
  if (answer.status !== 200) throw new OidcError("provider_misconfigured", "discovery_status");
  const metadata = parseMetadata(provider, parseJsonObject(answer));
  known.set(provider.id, { metadata, at: Date.now() });
  return metadata;
}

function parseMetadata(provider: ProviderSettings, document: unknown): ProviderMetadata {
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success) throw new OidcError("provider_misconfigured", "metadata");
  // What is absent is no member at all: whoever spreads this over something else would put nothing in its place.
  const said = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  const metadata = Object.fromEntries(said) as ProviderMetadata;
  // Compared as a string: a trailing slash or another case is another issuer (OpenID Connect Discovery 1.0, section 4.3).
  if (metadata.issuer !== discoveredIssuer(provider)) throw new OidcError("provider_misconfigured", "issuer");
  const { issuer, discoveryUrl, endpointHosts } = provider;
  const hosts = new Set([issuer, discoveryUrl ?? issuer].map((address) => new URL(address).host).concat(endpointHosts));
  const endpoints = [
    metadata.authorization_endpoint,
    metadata.token_endpoint,
    metadata.jwks_uri,
    metadata.userinfo_endpoint,
    metadata.end_session_endpoint,
    metadata.revocation_endpoint,
    provider.accessTokens.introspection ? metadata.introspection_endpoint : undefined,
    // One that is not asked keeps nobody out.
    isPushed(provider, metadata) ? metadata.pushed_authorization_request_endpoint : undefined,
  ];
  for (const endpoint of endpoints) {
    if (endpoint === undefined) continue;
    // The client secret and people's tokens go to the issuer's host or to one that the operator named, wherever metadata points.
    if (!hosts.has(requireOutboundAddress(endpoint).host))
      throw new OidcError("provider_misconfigured", "endpoint_host");
  }
  const challenges = metadata.code_challenge_methods_supported;
  if (challenges && !challenges.includes("S256")) throw new OidcError("provider_misconfigured", "pkce");
  return metadata;
}

/** Whether this app sends its authorization requests to the provider itself, ahead of the browser (RFC 9126). */
export function isPushed({ pushedAuthorization }: ProviderSettings, metadata: ProviderMetadata): boolean {
  return pushedAuthorization || metadata.require_pushed_authorization_requests === true;
}
