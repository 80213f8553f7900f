import { errors, type Grant, type KoaContextWithOIDC, type ResourceServer } from "oidc-provider";
import type { IssuerState } from "./issuer-state";
import { organizationOf, organizationScopes, permittedScopes } from "./permissions";

const organizationsScope = "urn:logto:scope:organizations";

/** Grants whatever was asked for, as far as the person's roles allow: nobody ever sees a consent page. */
export async function grantWithoutAsking(state: IssuerState, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { provider, account, client, session } = ctx.oidc;
  if (!account || !client || !session) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known ? await provider.Grant.find(known) : undefined;
  const grant =
    found?.accountId === account.accountId
      ? found
      : new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scopes = [...ctx.oidc.requestParamOIDCScopes];
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(" "));
  const claims = [...ctx.oidc.requestParamClaims];
  if (claims.length > 0) grant.addOIDCClaims(claims);
  const person = state.people.get(account.accountId);
  for (const [indicator, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const permitted = person ? permittedScopes(person, [...server.scopes]) : [];
    if (permitted.length > 0) grant.addResourceScope(indicator, permitted.join(" "));
  }
  await grant.save();
  return grant;
}

/** Describes the API, or the organization, that a token is asked for. Throws `invalid_target` for an unknown one. */
export function describeResource(state: IssuerState, ctx: KoaContextWithOIDC, indicator: string): ResourceServer {
  const token = {
    accessTokenFormat: "jwt",
    accessTokenTTL: state.accessTokenSeconds,
    jwt: { sign: { alg: "RS256" } },
  } as const;
  const organization = organizationOf(indicator);
  if (organization !== null) {
    const scopes = organizationScopesFor(state, ctx, organization);
    // The library narrows to the scopes of the refresh token, which names none of an organization's. An organization
    // token carries all that the person may do there, so this one request's copy of the grant answers with that.
    const { Grant: grant } = ctx.oidc.entities;
    if (grant) grant.getResourceScopeFiltered = () => scopes.join(" ");
    return { ...token, scope: scopes.join(" "), audience: indicator };
  }
  const known = state.resources[indicator];
  if (!known) throw new errors.InvalidTarget("the resource is unknown");
  const person = ctx.oidc.account && state.people.get(ctx.oidc.account.accountId);
  return { ...token, scope: (person ? permittedScopes(person, known) : known).join(" "), audience: indicator };
}

/**
 * Refuses a refresh whose target is not allowed *before* the refresh token is rotated: a client that asks for too
 * much must not lose its grant by trying again with the old token.
 */
export function checkRefreshTarget(state: IssuerState, ctx: KoaContextWithOIDC): void {
  const resource = ctx.oidc.params?.resource;
  if (typeof resource !== "string") return;
  const organization = organizationOf(resource);
  if (organization !== null) {
    organizationScopesFor(state, ctx, organization);
  } else if (!state.resources[resource] || !ctx.oidc.entities.RefreshToken?.resourceIndicators.has(resource)) {
    throw new errors.InvalidTarget();
  }
}

function organizationScopesFor(state: IssuerState, ctx: KoaContextWithOIDC, organization: string): string[] {
  const { RefreshToken: refreshToken, Account: account } = ctx.oidc.entities;
  if (!refreshToken) throw new errors.InvalidTarget("an organization token is only given for a refresh token");
  if (!refreshToken.scopes.has(organizationsScope)) {
    throw new errors.InsufficientScope("the refresh token lacks a scope", organizationsScope);
  }
  const person = account && state.people.get(account.accountId);
  const scopes = person ? organizationScopes(person, organization) : null;
  if (!scopes) throw new errors.AccessDenied("the person is not a member of the organization");
  return scopes;
}
