import "server-only";
import type { ProviderSettings } from "../provider-settings";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { fetchOutbound, mediaTypeOf, type OutboundAnswer, parseJsonObject } from "./outbound";
import { type PersonClaims, parsePersonClaims } from "./person-claims";
import { verifySignature } from "./signed-token";

/** Claims that the userinfo endpoint gave. `sub` is compared before anybody sees them. */
export type UserInfoClaims = PersonClaims;

/**
 * Fetches userinfo with the access token in the Authorization header, and makes sure that it speaks of `subject`. It may
 * come as JSON or signed (`application/jwt`).
 *
 * Source: OpenID Connect Core 1.0, sections 5.3.1 to 5.3.4; RFC 6750, sections 2.1 and 3.1.
 * @throws OidcError `provider_error` with the detail `invalid_token` when the token is not taken (401), so that whoever
 * has another can try again, and with `userinfo_status` for another refusal; `identity_mismatch` for another subject;
 * `invalid_response`, `clock_skew`, `provider_misconfigured`, `provider_unavailable`, `provider_timeout`
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
  if (answer.status === 401) throw new OidcError("provider_error", "invalid_token");
  if (answer.status !== 200) throw new OidcError("provider_error", "userinfo_status");
  const isSigned = mediaTypeOf(answer) === "application/jwt";
  const claims = isSigned ? await verifySignedClaims(answer, provider, metadata) : parseJsonObject(answer);
  // Without this, a token swapped in transit would put somebody else's claims under this person's name. Compared as it
  // came: what parsing makes harmless could look like this person.
  if (claims.sub !== subject) throw new OidcError("identity_mismatch", "userinfo_sub");
  return parsePersonClaims(claims);
}

/** Source: OpenID Connect Core 1.0, section 5.3.2: `iss` and `aud` are required, `exp` counts where it is there. */
async function verifySignedClaims(
  answer: OutboundAnswer,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
): Promise<Record<string, unknown>> {
  const { payload } = await verifySignature(new TextDecoder().decode(answer.body), provider, metadata, {
    requiredClaims: ["iss", "aud"],
    code: "invalid_response",
    now: new Date(),
  });
  return payload;
}
