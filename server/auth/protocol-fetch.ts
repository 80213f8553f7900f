import "server-only";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import { exchangeParameters } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import { type IdTokenExpectation, verifyIdToken } from "../oidc/id-token";
import { requestTokens } from "../oidc/token-endpoint";
import { fetchUserInfoClaims } from "../oidc/user-info";
import { revokeQuietly } from "../tokens/revoke-grants";
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
  const body = new URLSearchParams(parameters);
  for (const [name, value] of exchangeParameters(provider)) body.set(name, value);
  const answer = await requestTokens(provider, metadata, body);
  if (answer.kind === "error") throw new OidcError("provider_error", answer.error);
  if (answer.kind === "unusable") {
    const { refreshToken } = answer;
    afterResponse(() => revokeQuietly([{ provider: provider.id, issuer: provider.issuer, refreshToken }]));
    throw new OidcError("invalid_response", answer.detail);
  }
  const { tokens } = answer;
  if (tokens.idToken === null) throw new OidcError("id_token_invalid", "missing");
  context.tokens = { ...tokens, idToken: tokens.idToken, scope: tokens.scope ?? provider.scope };
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
