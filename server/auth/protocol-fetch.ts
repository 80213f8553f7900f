import "server-only";
import { describeError, log } from "../http/log";
import { authenticateClient } from "../oidc/client-authentication";
import { OidcError } from "../oidc/errors";
import { type IdTokenExpectation, verifyIdToken } from "../oidc/id-token";
import { fetchOutbound, type OutboundAnswer, parseJsonObject } from "../oidc/outbound";
import { fetchUserInfoClaims } from "../oidc/user-info";
import type { TokenSet } from "../tokens/grants";
import { requireSignInContext, type SignInContext } from "./sign-in-context";
import type { Transaction } from "./transaction";

/**
 * The fetch that NextAuth's protocol code gets. Discovery is answered from metadata that we fetched and checked; the
 * token request goes out by our own limits, and its answer reaches NextAuth only after our own verification. Nothing
 * else goes out.
 */
export async function fetchForNextAuth(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const context = requireSignInContext();
  const { metadata } = context;
  const address = input instanceof Request ? input.url : String(input);
  try {
    if (address.endsWith("/.well-known/openid-configuration")) {
      // NextAuth refuses a provider without userinfo, though it is only RECOMMENDED. It never calls it for us.
      return Response.json({ userinfo_endpoint: metadata.issuer, ...metadata });
    }
    if (address === new URL(metadata.token_endpoint).href && init?.body instanceof URLSearchParams) {
      return Response.json(await exchangeCode(context, init.body));
    }
    throw new OidcError("provider_misconfigured", "unexpected_request");
  } catch (error) {
    if (error instanceof OidcError) context.failure ??= { code: error.code, cause: error.detail };
    throw error;
  }
}

/** The code exchange (RFC 6749, section 4.1.3), verified before NextAuth sees the answer. @throws OidcError */
async function exchangeCode(context: SignInContext, parameters: URLSearchParams): Promise<Record<string, unknown>> {
  const { provider, metadata, transaction } = context;
  const headers = new Headers({ Accept: "application/json" });
  const body = new URLSearchParams(parameters);
  authenticateClient(provider, metadata, headers, body);
  const answer = await fetchOutbound(metadata.token_endpoint, { method: "POST", headers, body });
  if (answer.status !== 200) throw tokenEndpointFault(answer);
  const document = parseJsonObject(answer);
  const tokens = parseTokenSet(document, provider.scope);
  context.tokens = tokens;
  const idToken = await verifyIdToken(tokens.idToken, provider, metadata, {
    nonce: transaction?.nonce ?? "",
    accessToken: tokens.accessToken,
    ...expectedOf(transaction?.stepUp),
  });
  context.idToken = idToken;
  context.userInfo = await userInfoIfToBeHad(context, tokens.accessToken, idToken.sub);
  return { access_token: tokens.accessToken, token_type: "bearer", id_token: tokens.idToken };
}

function expectedOf(stepUp: Transaction["stepUp"] | undefined): Omit<IdTokenExpectation, "nonce"> {
  if (!stepUp) return {};
  return {
    subject: stepUp.subject,
    ...(stepUp.maxAgeSeconds !== null && { maxAgeSeconds: stepUp.maxAgeSeconds }),
    ...(stepUp.acr !== null && { acrValues: stepUp.acr.split(" ") }),
  };
}

function tokenEndpointFault(answer: OutboundAnswer): OidcError {
  if (answer.status >= 500 || answer.status === 429)
    return new OidcError("provider_unavailable", `status_${answer.status}`);
  if (answer.status < 400) return new OidcError("invalid_response", `status_${answer.status}`);
  let error: unknown;
  try {
    error = parseJsonObject(answer).error;
  } catch {
    return new OidcError("provider_error", `status_${answer.status}`);
  }
  const cause = typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : `status_${answer.status}`;
  if (cause !== "invalid_client" && cause !== "unauthorized_client") return new OidcError("provider_error", cause);
  // No person can mend this: the operator has to hear of it.
  log.error("provider.client_refused", { cause });
  return new OidcError("provider_misconfigured", cause);
}

function parseTokenSet(document: Record<string, unknown>, requestedScope: string): TokenSet {
  const { access_token, token_type, id_token, refresh_token, expires_in, scope } = document;
  if (typeof access_token !== "string" || access_token === "") throw new OidcError("invalid_response", "access_token");
  if (typeof token_type !== "string" || token_type.toLowerCase() !== "bearer")
    throw new OidcError("invalid_response", "token_type");
  if (typeof id_token !== "string" || id_token === "") throw new OidcError("id_token_invalid", "missing");
  const seconds = Number(expires_in ?? 300);
  if (!Number.isFinite(seconds) || seconds < 0) throw new OidcError("invalid_response", "expires_in");
  return {
    accessToken: access_token,
    idToken: id_token,
    refreshToken: typeof refresh_token === "string" && refresh_token !== "" ? refresh_token : null,
    // A day at most: a provider that promises more can still change its mind earlier.
    expiresAt: new Date(Date.now() + Math.min(seconds, 86_400) * 1000),
    // RFC 6749 section 5.1: absent means as requested.
    scope: typeof scope === "string" ? scope : requestedScope,
  };
}

/** Userinfo where there is any. A provider that cannot give it now does not keep people out; one that lies does. */
async function userInfoIfToBeHad({ provider, metadata }: SignInContext, accessToken: string, subject: string) {
  if (!metadata.userinfo_endpoint) return null;
  try {
    return await fetchUserInfoClaims(provider, metadata, { accessToken, subject });
  } catch (error) {
    const isAway = error instanceof OidcError && /^provider_(?:unavailable|timeout|error)$/.test(error.code);
    if (!isAway) throw error;
    log.warn("userinfo.missing", { provider: provider.id, cause: describeError(error) });
    return null;
  }
}
