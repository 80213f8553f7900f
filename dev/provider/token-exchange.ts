import { randomUUID } from "node:crypto";
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from "jose";
import type { KoaContextWithOIDC } from "oidc-provider";
import type { ClientRegistration } from "./client-registration";
import type { IssuerState } from "./issuer-state";
import { errors, type Provider, validateProof } from "./library";
import { forge } from "./tokens/forge";

/** The parameters of RFC 8693, section 2.1. */
export const exchangeParameters = [
  "audience",
  "resource",
  "scope",
  "requested_token_type",
  "subject_token",
  "subject_token_type",
  "actor_token",
  "actor_token_type",
];

const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;
const issuable = [type("access_token"), type("jwt")];

interface Subject {
  sub: string;
  clientId: string | undefined;
  thumbprint: string | null;
}

/**
 * The grant type token exchange, to the letter of RFC 8693: of the client's own users' access tokens alone, for the audiences
 * that the client is registered for. The library has none.
 */
export async function exchangeToken(provider: Provider, state: IssuerState, ctx: KoaContextWithOIDC): Promise<void> {
  const clientId = ctx.oidc.client?.clientId ?? "";
  const registered = state.clients.get(clientId)?.tokenExchange;
  if (!registered) throw new errors.UnauthorizedClient("the client may not exchange tokens");
  const proof = await validateProof(provider, ctx);
  const asked = textsOf(ctx);
  const subject = await subjectOf(provider, state, asked);
  // Of another client's it could be somebody who took it from there.
  if (subject.clientId !== clientId) throw new errors.InvalidRequest("the subject token was given to another client");
  if (subject.thumbprint !== null && subject.thumbprint !== proof?.thumbprint)
    throw new errors.InvalidRequest("the subject token is bound to another key");
  if (!state.users.get(subject.sub)) throw new errors.InvalidGrant("the subject is not known any more");
  const actor = await actorOf(state, asked, registered);
  const target = targetOf(asked, registered);
  const scopes = scopesOf(asked, registered.audiences[target] ?? []);
  const wanted = asked.requested_token_type ?? type("access_token");
  if (!issuable.includes(wanted)) throw new errors.InvalidRequest("the requested token type is not issued");
  const now = state.clock.nowSeconds();
  const claims = {
    iss: state.issuer,
    sub: subject.sub,
    aud: target,
    client_id: clientId,
    scope: scopes.join(" "),
    iat: now,
    exp: now + state.accessTokenSeconds,
    jti: randomUUID(),
    ...(actor !== null && { act: { sub: actor } }),
    ...(proof && { cnf: { jkt: proof.thumbprint } }),
  };
  const isAccessToken = wanted === type("access_token");
  ctx.body = {
    access_token: forge(state.keys, { claims, header: { typ: isAccessToken ? "at+jwt" : "JWT" } }),
    issued_token_type: wanted,
    // Section 2.2.1: what is no access token is N_A.
    token_type: isAccessToken ? (proof ? "DPoP" : "Bearer") : "N_A",
    expires_in: state.accessTokenSeconds,
    scope: claims.scope,
  };
}

type Asked = Record<string, string | undefined>;

function textsOf(ctx: KoaContextWithOIDC): Asked {
  const said: Record<string, unknown> = ctx.oidc.params ?? {};
  return Object.fromEntries(
    exchangeParameters.map((name) => {
      const value = said[name];
      return [name, typeof value === "string" && value !== "" ? value : undefined];
    }),
  );
}

async function subjectOf(
  provider: Provider,
  state: IssuerState,
  { subject_token: token, subject_token_type: said }: Asked,
): Promise<Subject> {
  if (token === undefined) throw new errors.InvalidRequest("subject_token is missing");
  if (said !== type("access_token")) throw new errors.InvalidRequest("the subject token type is not taken");
  const kept = await provider.AccessToken.find(token);
  if (kept) return { sub: kept.accountId, clientId: kept.clientId, thumbprint: kept.jkt ?? null };
  const keys = createLocalJWKSet(state.keys.publicJwks());
  const currentDate = new Date(state.clock.nowSeconds() * 1000);
  const verified = await jwtVerify(token, keys, { issuer: state.issuer, typ: "at+jwt", currentDate }).catch(() => null);
  const { sub, client_id, cnf } = verified?.payload ?? {};
  if (!sub) throw new errors.InvalidRequest("the subject token is not valid");
  const thumbprint = (cnf as { jkt?: string } | undefined)?.jkt ?? null;
  return { sub, clientId: typeof client_id === "string" ? client_id : undefined, thumbprint };
}

/** Section 2.1: each needs the other. */
async function actorOf(
  state: IssuerState,
  { actor_token: token, actor_token_type: said }: Asked,
  { actorIssuer }: NonNullable<ClientRegistration["tokenExchange"]>,
): Promise<string | null> {
  if (token === undefined && said === undefined) return null;
  if (token === undefined || said !== type("jwt"))
    throw new errors.InvalidRequest("actor_token and its type do not fit");
  if (actorIssuer === undefined) throw new errors.InvalidRequest("no actor is known");
  const keys = createRemoteJWKSet(new URL(`${actorIssuer}/.well-known/jwks.json`));
  const expected = { issuer: actorIssuer, audience: state.issuer, typ: "actor+jwt", requiredClaims: ["exp", "jti"] };
  const verified = await jwtVerify(token, keys, expected).catch(() => null);
  if (!verified?.payload.sub) throw new errors.InvalidRequest("the actor token is not valid");
  return verified.payload.sub;
}

function targetOf(
  { audience, resource }: Asked,
  { audiences }: NonNullable<ClientRegistration["tokenExchange"]>,
): string {
  const target = audience ?? resource;
  if (target === undefined) throw new errors.InvalidRequest("audience or resource is missing");
  const isKnown = [audience, resource].every((name) => name === undefined || Object.hasOwn(audiences, name));
  if (!isKnown) throw new errors.InvalidTarget("the client has no access there");
  return target;
}

function scopesOf({ scope }: Asked, known: readonly string[]): readonly string[] {
  if (scope === undefined) return known;
  const asked = scope.split(" ").filter(Boolean);
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new errors.InvalidScope("a scope is not given", unknown.join(" "));
  return asked;
}
