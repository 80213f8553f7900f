import "server-only";
import { z } from "zod";
import daemun from "@/daemun.config";
import type { ProviderTraits } from "@/edge/config";
import type { Endpoints, ProviderSettings } from "../provider-settings";
import { OidcError } from "./errors";
import { beforeDeadline, fetchOutbound, parseJsonObject, requireOutboundAddress, withoutDeadline } from "./outbound";

const strings = z.array(z.string().max(200)).max(200);

// Unknown members are kept: NextAuth and openid-client read some that we do not.
const metadataSchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  // Only RECOMMENDED (OpenID Connect Discovery 1.0, section 3): a provider without it works on its ID token's claims.
  userinfo_endpoint: z.string().optional(),
  end_session_endpoint: z.string().optional(),
  revocation_endpoint: z.string().optional(),
  code_challenge_methods_supported: strings.optional(),
  id_token_signing_alg_values_supported: strings.optional(),
  token_endpoint_auth_methods_supported: strings.optional(),
  prompt_values_supported: strings.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
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

/**
 * Fetches and checks the discovery document now: the beginning of a sign-in wants to know whether the provider is
 * there at all. Concurrent callers share one request.
 *
 * Source: OpenID Connect Discovery 1.0, sections 4 and 4.3.
 * @throws OidcError `provider_misconfigured`, `provider_unavailable`, `provider_timeout`
 */
export function fetchMetadata(
  provider: ProviderSettings,
  { timeoutMs }: { timeoutMs?: number } = {},
): Promise<ProviderMetadata> {
  let request = underWay.get(provider.id);
  if (!request) {
    // Shared, so it has a deadline of its own: a caller that is nearly out of time must not cut it short for the others.
    request = withoutDeadline(() => discover(provider)).finally(() => underWay.delete(provider.id));
    underWay.set(provider.id, request);
  }
  return beforeDeadline(request, timeoutMs);
}

/** What configuration says in place of a discovery document. Its addresses are the operator's own. */
function configuredMetadata({ issuer }: ProviderSettings, endpoints: Endpoints): ProviderMetadata {
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    // None: without discovery there is no ID token that could be verified, and none is heeded.
    jwks_uri: "",
    ...(endpoints.userinfo !== null && { userinfo_endpoint: endpoints.userinfo }),
    ...(endpoints.revocation !== null && { revocation_endpoint: endpoints.revocation }),
  };
}

async function discover(provider: ProviderSettings): Promise<ProviderMetadata> {
  const address = `${provider.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
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
  const metadata = parsed.data;
  // Compared as a string: a trailing slash or another case is another issuer (OpenID Connect Discovery 1.0, section 4.3).
  if (metadata.issuer !== provider.issuer) throw new OidcError("provider_misconfigured", "issuer");
  const traits: ProviderTraits | undefined = (daemun.providers as Record<string, ProviderTraits>)[provider.id];
  const hosts = new Set([new URL(provider.issuer).host, ...provider.endpointHosts, ...(traits?.endpointHosts ?? [])]);
  const endpoints = [
    metadata.authorization_endpoint,
    metadata.token_endpoint,
    metadata.jwks_uri,
    metadata.userinfo_endpoint,
    metadata.end_session_endpoint,
    metadata.revocation_endpoint,
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
