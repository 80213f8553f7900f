import "server-only";
import { jwtVerify } from "jose";
import type { ProviderSettings } from "../provider-settings";
import { OidcError } from "./errors";
import { getKeySet } from "./key-set";
import type { ProviderMetadata } from "./metadata";
import { fetchOutbound, type OutboundAnswer, parseJsonObject } from "./outbound";
import { acceptedAlgorithms } from "./signed-token";

/** Claims that the userinfo endpoint gave. `sub` is compared before anybody sees them. */
export interface UserInfoClaims {
  sub: string;
  [claim: string]: unknown;
}

/**
 * Fetches userinfo with the access token in the Authorization header, and makes sure that it speaks of `subject`.
 *
 * Source: OpenID Connect Core 1.0, sections 5.3.1 to 5.3.4; RFC 6750, section 2.1.
 * @throws OidcError `identity_mismatch` for another subject, `invalid_response`, `provider_unavailable`, `provider_timeout`
 */
export async function fetchUserInfoClaims(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { accessToken, subject }: { accessToken: string; subject: string },
): Promise<UserInfoClaims> {
  if (!metadata.userinfo_endpoint) throw new OidcError("provider_misconfigured", "no_userinfo_endpoint");
  const answer = await fetchOutbound(metadata.userinfo_endpoint, {
    headers: { Accept: "application/json, application/jwt", Authorization: `Bearer ${accessToken}` },
  });
  if (answer.status >= 500 || answer.status === 429) throw new OidcError("provider_unavailable", "userinfo_status");
  if (answer.status !== 200) throw new OidcError("provider_error", "userinfo_status");
  const claims = isJwt(answer) ? await verifySignedClaims(answer, provider, metadata) : parseJsonObject(answer);
  // Without this, a token swapped in transit would put somebody else's claims under this person's name.
  if (claims.sub !== subject) throw new OidcError("identity_mismatch", "userinfo_sub");
  return claims as UserInfoClaims;
}

function isJwt(answer: OutboundAnswer): boolean {
  return /^application\/jwt\b/i.test(answer.headers.get("content-type") ?? "");
}

async function verifySignedClaims(answer: OutboundAnswer, provider: ProviderSettings, metadata: ProviderMetadata) {
  try {
    const { payload } = await jwtVerify(new TextDecoder().decode(answer.body), getKeySet(metadata.jwks_uri), {
      algorithms: acceptedAlgorithms(metadata),
      issuer: metadata.issuer,
      audience: provider.clientId,
    });
    return payload;
  } catch (cause) {
    if (cause instanceof OidcError) throw cause;
    throw new OidcError("invalid_response", "userinfo_signature", { cause });
  }
}
