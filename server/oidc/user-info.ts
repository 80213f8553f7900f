import "server-only";
import * as openid from "openid-client";
import type { ProviderSettings } from "../settings/providers";
import { type ProofKey, wantsNonce } from "./dpop";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { standardClaims, subjectOf, withAddress } from "./oauth2-user";
import { oidcErrorOf, openidClientFor } from "./openid-client";
import { mediaTypeOf, type OutboundAnswer, parseJsonObject } from "./outbound";
import { plainJson } from "./plain-json";
import { withRights } from "./rights";
import { verifySignature } from "./signed-token";
import { parseUserClaims, type UserClaims } from "./user-claims";

/** Claims that the userinfo endpoint gave. `sub` is compared before anybody sees them. */
export type UserInfoClaims = UserClaims;

/**
 * Fetches userinfo by `openid-client`, with the access token in the Authorization header, and makes sure that it speaks of
 * `subject`. It may come as JSON or signed (`application/jwt`).
 *
 * @param asked.subject null at the sign-in of a provider without ID tokens, where userinfo says who it is
 * Source: OpenID Connect Core 1.0, sections 5.3.1 to 5.3.4; RFC 6750, sections 2.1 and 3.1.
 * @throws OidcError `provider_error` with the reason `token_refused` when the token is not taken (401), so that whoever
 * has another can try again, and with `userinfo_status` for another refusal; `identity_mismatch` for another subject;
 * `invalid_response`, `clock_skew`, `provider_misconfigured`, `provider_unavailable`, `provider_timeout`
 */
export async function fetchUserInfoClaims(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  asked: Asked,
): Promise<UserInfoClaims> {
  const claims = await ask(provider, metadata, asked);
  const whole = provider.oauth2
    ? await withAddress(standardClaims(claims), provider.oauth2, asked.accessToken)
    : claims;
  return parseUserClaims(withRights(whole, provider));
}

interface Asked {
  accessToken: string;
  /** What the token is bound to, where it is. */
  proofKey?: ProofKey | null;
  subject: string | null;
}

async function ask(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { accessToken, proofKey = null, subject }: Asked,
): Promise<Record<string, unknown>> {
  if (!metadata.userinfo_endpoint) throw new OidcError("provider_misconfigured", "no_userinfo_endpoint");
  if (subject === null && !provider.oauth2) throw new OidcError("identity_mismatch", "userinfo_sub");
  let shown = false;
  let isRepeated = false;
  const client = await openidClientFor(provider, metadata, async (answer) => {
    if (proofKey && !isRepeated && wantsNonce(answer.status, answer.headers)) {
      isRepeated = true;
      const challenge = answer.headers.get("www-authenticate") ?? "";
      return new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } });
    }
    const claims = claimsIn(await readDocument(answer, provider, metadata), provider, subject);
    shown = true;
    return Response.json(claims);
  });
  try {
    const proof = proofKey && { DPoP: await proofKey.handleFor(client, metadata.userinfo_endpoint) };
    return await openid.fetchUserInfo(client, accessToken, subject ?? openid.skipSubjectCheck, proof ?? {});
  } catch (error) {
    // Of an object of claims it refuses another `sub` alone. Without that, a token swapped in transit would put somebody
    // else's claims under this person's name. Compared as it came: what parsing makes harmless could look like this person.
    if (shown) throw new OidcError("identity_mismatch", "userinfo_sub");
    throw oidcErrorOf(error, provider) ?? error;
  }
}

/**
 * What an answer says. Signed ones are verified here: `openid-client` checks no signature by default, and lets `iss` and
 * `aud` be missing. Source: OpenID Connect Core 1.0, section 5.3.2: both are required, `exp` counts where it is there.
 */
async function readDocument(
  answer: OutboundAnswer,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
): Promise<Record<string, unknown>> {
  if (answer.status === 401) throw new OidcError("provider_error", "invalid_token", { reason: "token_refused" });
  if (answer.status !== 200) throw new OidcError("provider_error", "userinfo_status");
  if (mediaTypeOf(answer) !== "application/jwt") return parseJsonObject(answer);
  const { payload } = await verifySignature(new TextDecoder().decode(answer.body), provider, metadata, {
    requiredClaims: ["iss", "aud"],
    code: "invalid_response",
    origin: "provider",
  });
  return plainJson(payload) as Record<string, unknown>;
}

/** The claims, where they stand in a member of the document, with the `sub` of those that have another or none. */
function claimsIn(
  document: Record<string, unknown>,
  { userInfo: { member, hasSubject }, oauth2 }: ProviderSettings,
  subject: string | null,
): Record<string, unknown> {
  const claims = member === null ? document : document[member];
  if (typeof claims !== "object" || claims === null || Array.isArray(claims))
    throw new OidcError("invalid_response", "userinfo_member");
  if (oauth2) return { ...claims, sub: subjectOf(claims as Record<string, unknown>, oauth2.subject) };
  // Nothing in it could be compared: it came over TLS for the token that came with this user's ID token.
  return hasSubject ? (claims as Record<string, unknown>) : { ...claims, sub: subject };
}
