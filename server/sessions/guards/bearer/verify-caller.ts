import "server-only";
import daemun from "@/daemun.config";
import { resourceOf, type SentToken } from "@/edge/access-token";
import { tokenGateAt } from "@/edge/gate";
import { databaseFailureCode } from "../../../db/unavailable";
import type { Failure } from "../../../http/error-reply";
import { describeError, log } from "../../../http/log";
import { ownOrigin } from "../../../http/same-origin";
import { isFirstUse } from "../../../limits/first-use";
import { secondsAtLimit, secondsOverLimit } from "../../../limits/limit";
import { type AccessTokenClaims, issuerIn, isTooLong, verifyAccessToken } from "../../../oidc/access-token";
import { OidcError } from "../../../oidc/errors";
import { introspectAccessToken, isIntrospected } from "../../../oidc/introspection";
import { getMetadata } from "../../../oidc/metadata";
import { withDeadline } from "../../../oidc/outbound";
import { verifyProof } from "../../../oidc/request-proof";
import { env } from "../../../settings/env";
import type { ProviderSettings } from "../../../settings/providers";
import { isOfAdmittedTenant, needsAccount } from "./admission";
import type { BearerRequirement, TokenCaller } from "./caller";
import type { TokenError } from "./challenge";
import { introspectingProvider, providerOf } from "./providers";
import { findTokenUser } from "./token-user";

/** What is known of a request that brings a token. */
export interface TokenRequest {
  headers: Headers;
  method: string;
  /** That was asked for. */
  path: string;
}

export type TokenVerdict =
  | TokenCaller
  /** Whose token will not do. */
  | { kind: "refused"; error: TokenError; caller?: TokenCaller }
  /** It cannot be said now, or was asked too often. */
  | ({ kind: "failed" } & Failure);

/** Who calls by this access token, or why not. Never throws. The log says why, and never with a part of the token. */
export async function verifyCaller(
  request: TokenRequest,
  { scheme, token }: SentToken,
  requirement: BearerRequirement,
): Promise<TokenVerdict> {
  try {
    if (isTooLong(token)) throw refused("length");
    const audience = requirement.audience ?? audienceAt(request.path);
    if (audience === null) throw refused("no_audience");
    const limits = env().outboundTimeoutMs;
    const { provider, claims } = await withDeadline(limits, () => claimsOf(token, requirement, audience));
    // Nothing but a client's own word makes a token of another client its own.
    const { clients } = requirement;
    if (clients && !(claims.clientId !== null && clients.includes(claims.clientId))) throw refused("client");
    if (!isOfAdmittedTenant(provider, claims)) throw refused("tenant");
    // RFC 9449, section 7.1: each kind by its own scheme. A stolen bound token is not to work as one that is not.
    if ((claims.boundTo !== null) !== (scheme === "DPoP")) throw refused("scheme");
    if (claims.boundTo !== null) await requireProof(request, token, claims.boundTo);
    const user = await findTokenUser(provider.id, claims);
    if (user === "refused") throw refused("user");
    if (user === null && needsAccount(requirement, provider)) throw refused("no_account");
    const { boundTo, ...said } = claims;
    const caller: TokenCaller = {
      kind: "token",
      user,
      token: { ...said, provider: provider.id, isBound: boundTo !== null },
    };
    const { scopes = [] } = requirement;
    if (scopes.every((scope) => claims.scopes.includes(scope))) return caller;
    return { kind: "refused", error: "insufficient_scope", caller };
  } catch (error) {
    return verdictOf(error);
  }
}

/** The address by which clients name what is at a path (edge/access-token.ts). */
function audienceAt(path: string): string | null {
  const gate = tokenGateAt(daemun.gates, path);
  return gate && resourceOf(env().authUrl, gate);
}

async function claimsOf(
  token: string,
  requirement: BearerRequirement,
  audience: string,
): Promise<{ provider: ProviderSettings; claims: AccessTokenClaims }> {
  const issuer = issuerIn(token);
  if (issuer !== null) {
    const provider = providerOf(issuer, requirement);
    if (!provider) throw refused("issuer");
    return { provider, claims: await verifyAccessToken(token, provider, await getMetadata(provider), audience) };
  }
  const provider = introspectingProvider(requirement);
  if (!provider) throw refused("malformed");
  if (!isIntrospected(provider, token)) await requireWithinLimit();
  return { provider, claims: await introspectAccessToken(token, provider, audience) };
}

async function requireProof({ headers, method, path }: TokenRequest, accessToken: string, thumbprint: string) {
  const url = ownOrigin(headers) + path;
  let name: string;
  try {
    name = await verifyProof(headers.get("dpop"), { method, url, accessToken, thumbprint });
  } catch (error) {
    throw new Refusal("invalid_dpop_proof", error instanceof OidcError ? error.detail : "proof");
  }
  if (!(await isFirstUse(`dpop ${name}`))) throw new Refusal("invalid_dpop_proof", "proof_replay");
}

/** So many refusals a minute, and the provider is asked about no other token from there. One that is genuine counts nowhere. */
async function requireWithinLimit(): Promise<void> {
  const retryAfterSeconds = await secondsAtLimit("bearer");
  if (retryAfterSeconds !== null) throw new TooMany(retryAfterSeconds);
}

class Refusal extends Error {
  constructor(
    readonly error: TokenError,
    readonly detail: string,
  ) {
    super(detail);
  }
}

class TooMany extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super("Too many tokens that nobody knows.");
  }
}

function refused(detail: string): Refusal {
  return new Refusal("invalid_token", detail);
}

async function verdictOf(error: unknown): Promise<TokenVerdict> {
  if (error instanceof TooMany)
    return { kind: "failed", code: "rate_limited", retryAfterSeconds: error.retryAfterSeconds };
  const isJudged = error instanceof OidcError && (error.code === "invalid_request" || error.code === "clock_skew");
  if (error instanceof Refusal || isJudged) {
    log.info("bearer.refused", { cause: error.detail });
    const tooMany = await secondsOverLimit("bearer");
    if (tooMany !== null) return { kind: "failed", code: "rate_limited", retryAfterSeconds: tooMany };
    return { kind: "refused", error: error instanceof Refusal ? error.error : "invalid_token" };
  }
  if (error instanceof OidcError) {
    log.warn("bearer.not_verified", { code: error.code, cause: error.detail });
    const { code, retryAfterSeconds } = error;
    const isPassing = code === "provider_unavailable" || code === "provider_timeout";
    // Whatever else it is, it is the provider's, or configuration's, and no fault of the caller's.
    return {
      kind: "failed",
      code: isPassing ? code : "provider_misconfigured",
      ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    };
  }
  const code = databaseFailureCode(error);
  if (code === "internal_error") log.error("bearer.failed", { cause: describeError(error) });
  return { kind: "failed", code };
}
