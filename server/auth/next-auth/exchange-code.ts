import "server-only";
import { decodeJwt } from "jose";
import type { SessionClaims } from "@/edge/session-cookie";
import { afterResponse } from "../../http/after-response";
import { describeError, log } from "../../http/log";
import { exchangeParameters } from "../../oidc/dialects";
import { ProofKey } from "../../oidc/dpop";
import { OidcError } from "../../oidc/errors";
import { type IdTokenClaims, type IdTokenExpectation, verifyIdToken } from "../../oidc/id-token";
import { isIssuerOf } from "../../oidc/issuer";
import type { ProviderMetadata } from "../../oidc/metadata";
import { asAsked, asksForRefreshToken, noteRefusedScope, warnOfNoRefreshToken } from "../../oidc/offline-access";
import { readableClaims } from "../../oidc/readable-claims";
import { isText } from "../../oidc/signed-token";
import { requestTokens, type TokenResponse } from "../../oidc/token-endpoint";
import { fetchUserInfoClaims, type UserInfoClaims } from "../../oidc/user-info";
import { satisfyingContexts } from "../../sessions/registry/policy";
import { isBound } from "../../settings/bound";
import type { ProviderSettings } from "../../settings/providers";
import { giveBack } from "../../tokens/revoke-grants";
import type { TokenSet } from "../../tokens/store";
import type { Transaction } from "../sign-in/transaction";

/** What a provider has sent back, with what it began with: a sign-in, or the linking of an identity. */
export interface ReturnedAnswer {
  provider: ProviderSettings;
  metadata: ProviderMetadata;
  transaction: Transaction;
}

export interface ReturnedSignIn extends ReturnedAnswer {
  /** The session that this browser had before, which the new one takes the place of. */
  replaced: SessionClaims | null;
  /** What this browser is known by. */
  deviceId: string;
  /** What the user is called by an answer that was posted: to be shown, and nothing else. */
  saidName: string | null;
}

/** What the provider gave for the code, verified. */
export interface VerifiedSignIn {
  tokens: TokenSet;
  /** Of a provider without ID tokens, the little that one would have to say (docs/decisions/0037). */
  idToken: IdTokenClaims;
  /** What the session says of its user: the ID token's claims, or, without one, userinfo's. */
  claims: Record<string, unknown>;
  /** When the token endpoint was asked, by our clock: no later than the ID token's `iat` by the provider's. */
  askedAt: Date;
  /** How long the provider's answers were waited for, in milliseconds: tokens, keys and userinfo. */
  providerMs: number;
  /** Null where the provider has no userinfo or could not be asked. */
  userInfo: UserInfoClaims | null;
}

/** The code exchange (RFC 6749, section 4.1.3), verified before NextAuth sees the answer. @throws OidcError */
export async function exchangeCode(signIn: ReturnedAnswer, parameters: URLSearchParams): Promise<VerifiedSignIn> {
  const { metadata } = signIn;
  const provider = asAsked(signIn.provider, metadata);
  const body = new URLSearchParams(parameters);
  for (const [name, value] of exchangeParameters(provider)) body.set(name, value);
  const askedAt = new Date();
  const startedAt = performance.now();
  const proofKey = isBound(provider, { resource: "" }) ? await ProofKey.make() : null;
  const answer = await requestTokens(provider, metadata, body, proofKey);
  if (answer.kind === "error") noteRefusedScope(provider, answer.error);
  if (answer.kind === "error") throw new OidcError("provider_error", answer.error);
  if (answer.kind === "unusable") {
    giveBackLater(provider, { ...answer, idToken: null });
    throw new OidcError("invalid_response", answer.detail);
  }
  const { tokens } = answer;
  if (tokens.refreshToken === null && asksForRefreshToken(provider)) warnOfNoRefreshToken(provider, "sign_in");
  try {
    const user = provider.oauth2
      ? await readOAuth2User(signIn, tokens.accessToken, askedAt)
      : await readOpenIdUser(signIn, tokens, proofKey);
    // It travels in a header. Nobody may need it, and the sign-in does not.
    const accessToken = tokens.isTooLong ? null : tokens.accessToken;
    if (accessToken === null) log.warn("token.too_long", { provider: provider.id, length: tokens.accessToken.length });
    return {
      tokens: { ...tokens, accessToken, ...user.kept, scope: tokens.scope ?? provider.scope, proofKey },
      askedAt,
      providerMs: Math.round(performance.now() - startedAt),
      ...user.said,
    };
  } catch (error) {
    giveBackLater(provider, tokens);
    throw error;
  }
}

type Said = Pick<VerifiedSignIn, "idToken" | "claims" | "userInfo">;

async function readOpenIdUser(signIn: ReturnedAnswer, tokens: TokenResponse, proofKey: ProofKey | null) {
  const { accessToken, idToken } = tokens;
  if (idToken === null) throw new OidcError("id_token_invalid", "missing");
  const { metadata, transaction } = signIn;
  const expected = { nonce: transaction.nonce, accessToken, ...expectedOf(signIn.provider, transaction) };
  const claims = await verifyIdToken(idToken, signIn.provider, metadata, expected);
  const userInfo = tokens.isTooLong
    ? null
    : await userInfoIfToBeHad(signIn, { accessToken, proofKey, subject: claims.sub });
  return { kept: { idToken }, said: { idToken: claims, claims: readableClaims(claims), userInfo } satisfies Said };
}

// NextAuth looks at it at once.
const madeForSeconds = 300;

/**
 * Without ID tokens userinfo says who it is, and has to be had. The ID token that NextAuth wants is made up of that, for this
 * exchange alone; one that the provider sends is not looked at: docs/decisions/0037.
 */
async function readOAuth2User(
  { provider, metadata, transaction: { nonce, stepUp } }: ReturnedAnswer,
  accessToken: string,
  askedAt: Date,
) {
  const userInfo = await fetchUserInfoClaims(provider, metadata, { accessToken, subject: stepUp?.subject ?? null });
  const { sub } = userInfo;
  const iat = Math.floor(askedAt.getTime() / 1000);
  const idToken = { iss: metadata.issuer, sub, aud: provider.clientId, iat, exp: iat + madeForSeconds, nonce };
  return { kept: { idToken: null }, said: { idToken, claims: userInfo, userInfo } satisfies Said };
}

/** Gives back what a sign-in that failed will not use: a refresh token at large is a session that nobody sees. */
export function giveBackLater(
  provider: ProviderSettings,
  { refreshToken, idToken }: { refreshToken: string | null; idToken: string | null },
): void {
  if (refreshToken === null) return;
  const { iss: issuer, sub: subject } = ownerIn(provider, idToken);
  const token = { userId: null, provider: provider.id, issuer, subject, refreshToken };
  afterResponse(() => giveBack(token, provider));
}

/** Whom an ID token names that need not have been verified: enough to wait for that user's other sessions to end. */
function ownerIn(provider: ProviderSettings, idToken: string | null): { iss: string; sub: string | null } {
  try {
    const { iss = "", sub } = decodeJwt(idToken ?? "");
    return { iss: isIssuerOf(provider, iss) ? iss : provider.issuer, sub: isText(sub) ? sub : null };
  } catch {
    return { iss: provider.issuer, sub: null };
  }
}

function expectedOf(
  { id }: ProviderSettings,
  { stepUp, fresh, startedAt }: Transaction,
): Omit<IdTokenExpectation, "nonce"> {
  if (!stepUp) return fresh ? { authenticatedAfter: startedAt } : {};
  return {
    subject: stepUp.subject,
    ...(stepUp.maxAgeSeconds !== null && { maxAgeSeconds: stepUp.maxAgeSeconds }),
    ...(stepUp.acr !== null && { acrValues: satisfyingContexts(id, stepUp.acr) }),
  };
}

/** Userinfo where there is any. A provider that cannot give it now does not keep people out; one that lies does. */
async function userInfoIfToBeHad(
  { provider, metadata }: ReturnedAnswer,
  asked: Parameters<typeof fetchUserInfoClaims>[2],
) {
  if (!metadata.userinfo_endpoint) return null;
  try {
    return await fetchUserInfoClaims(provider, metadata, asked);
  } catch (error) {
    // The ID token says who it is. That userinfo speaks of somebody else is no fault of the user's, nor theirs to mend.
    if (error instanceof OidcError && error.code === "identity_mismatch")
      throw new OidcError("provider_misconfigured", error.detail, { cause: error });
    const isAway = error instanceof OidcError && /^provider_(?:unavailable|timeout|error)$/.test(error.code);
    if (!isAway) throw error;
    log.warn("userinfo.missing", { provider: provider.id, cause: describeError(error) });
    return null;
  }
}
