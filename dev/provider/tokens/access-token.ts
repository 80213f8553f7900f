import { compactVerify, createLocalJWKSet } from "jose";
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from "oidc-provider";
import { resourceOf } from "../dialect";
import type { IssuerState } from "../issuer-state";
import { routes } from "../routes";

/** Gives a JWT access token the claims of the issuer's dialect, and its times by the issuer's clock. */
export async function finishAccessToken(
  state: IssuerState,
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  payload: Record<string, unknown>,
): Promise<void> {
  if (state.dialect === "audience" && token.kind === "AccessToken") {
    payload.aud = [payload.aud, userinfoEndpoint(state)];
    await keepForUserinfo(state, ctx, token, payload);
  }
  if (state.dialect === "scope") {
    // Entra's claim for scopes, in their short names.
    payload.scp = shortNames(state, String(payload.scope ?? "")).join(" ");
    payload.scope = undefined;
  }
  for (const claim of ["iat", "exp"]) {
    const time = payload[claim];
    if (typeof time === "number") payload[claim] = time + state.clock.offsetSeconds;
  }
}

/**
 * The id under which the store keeps an access token: its value, or for a genuine JWT that is for userinfo as well
 * (Auth0's) its `jti`.
 */
export async function storedTokenId(state: IssuerState, value: string): Promise<string> {
  if (value.split(".").length !== 3) return value;
  try {
    const { payload } = await compactVerify(value, createLocalJWKSet(state.keys.publicJwks()));
    const claims = JSON.parse(new TextDecoder().decode(payload)) as { jti?: unknown; aud?: unknown };
    const forUserinfo = [claims.aud].flat().includes(userinfoEndpoint(state));
    return forUserinfo && typeof claims.jti === "string" ? claims.jti : value;
  } catch {
    return value;
  }
}

// The library keeps no JWT. This one has to work at userinfo, and to end with its grant.
async function keepForUserinfo(
  state: IssuerState,
  ctx: KoaContextWithOIDC,
  token: AccessToken,
  { jti, iat, exp }: Record<string, unknown>,
): Promise<void> {
  const { RefreshToken: refreshToken, AuthorizationCode: code } = ctx.oidc.entities;
  const { accountId, grantId, gty, scope, sid, sessionUid, expiresWithSession } = token;
  const lifetime = Number(exp) - Number(iat);
  await state.store.adapter("AccessToken").upsert(
    String(jti),
    {
      kind: "AccessToken",
      jti: String(jti),
      iat: Number(iat),
      exp: Number(exp),
      accountId,
      grantId,
      gty,
      scope,
      sid,
      sessionUid,
      expiresWithSession,
      clientId: token.clientId,
      claims: (refreshToken ?? code)?.claims,
    },
    lifetime,
  );
}

function shortNames(state: IssuerState, scope: string): string[] {
  const known = Object.keys(state.resources);
  return scope
    .split(" ")
    .filter(Boolean)
    .map((name) => name.slice((resourceOf(name, known)?.length ?? -1) + 1));
}

function userinfoEndpoint({ issuer }: IssuerState): string {
  return `${issuer}${routes.protocol.userinfo}`;
}
