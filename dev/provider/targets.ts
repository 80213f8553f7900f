import type { Grant, KoaContextWithOIDC, ResourceServer } from "oidc-provider";
import { everyScope, fullName, targetScopeParameter } from "./dialect";
import type { IssuerState } from "./issuer-state";
import { errors } from "./library";
import { organizationOf, organizationScopes, permittedScopes } from "./permissions";
import { scopesNotGiven, severalTargets, targetNotAuthorized, unknownTarget } from "./refusals";

const organizationsScope = "urn:logto:scope:organizations";

/** Describes the API, or the organization, that a token is asked for. Throws for one that nobody knows. */
export function describeResource(state: IssuerState, ctx: KoaContextWithOIDC, indicator: string): ResourceServer {
  const isOpaque = state.clients.get(ctx.oidc.client?.clientId ?? "")?.opaqueAccessTokens === true;
  const token = {
    accessTokenFormat: isOpaque ? "opaque" : "jwt",
    accessTokenTTL: state.accessTokenSeconds,
    audience: indicator,
    jwt: { sign: { alg: "RS256" } },
  } as const;
  const { Grant: grant, RefreshToken: refreshToken, AuthorizationCode: code } = ctx.oidc.entities;
  const source = refreshToken ?? code;
  const organization = organizationOf(indicator);
  // The library narrows to the scopes of the code or refresh token. Where these are not the whole story, this one
  // request's copy of the grant answers with what the token shall carry.
  if (organization !== null) {
    const scopes = organizationScopesFor(state, ctx, organization).join(" ");
    if (grant) grant.getResourceScopeFiltered = () => scopes;
    return { ...token, scope: scopes };
  }
  const permitted = permittedAt(state, ctx, indicator);
  if (grant && source && state.dialect === "audience") {
    const authorized = [source.resource].flat().includes(indicator);
    const scopes = audienceScopes(ctx, grant, source.scopes, permitted, authorized);
    grant.getResourceScopeFiltered = () => scopes;
  }
  if (grant && source && state.dialect === "scope") {
    const asked = targetScopes(ctx) ?? new Set([fullName(indicator, everyScope)]);
    const all = asked.has(fullName(indicator, everyScope));
    const scopes = permitted.filter((scope) => source.scopes.has(scope) && (all || asked.has(scope)));
    grant.getResourceScopeFiltered = () => scopes.join(" ");
  }
  if (grant && source && state.dialect === "scopes") {
    const asked = targetScopes(ctx);
    const scopes = permitted.filter((scope) => source.scopes.has(scope) && (asked?.has(scope) ?? true));
    grant.getResourceScopeFiltered = () => scopes.join(" ");
  }
  return { ...token, scope: permitted.join(" ") };
}

/**
 * Refuses a refresh whose target is not allowed *before* the refresh token is rotated: a client that asks for too
 * much must not lose its grant by trying again with the old token.
 */
export function checkRefreshTarget(state: IssuerState, ctx: KoaContextWithOIDC): void {
  const { RefreshToken: refreshToken } = ctx.oidc.entities;
  const resource: unknown = ctx.oidc.params?.resource;
  if (!refreshToken) return;
  if (resource === undefined) {
    const scopes = ctx.oidc.params?.scope ? ctx.oidc.requestParamScopes : refreshToken.scopes;
    // Without openid the token cannot be userinfo's, and the library would not know whose it is.
    const undecided = Array.isArray(refreshToken.resource) && !scopes.has("openid");
    if (undecided && state.dialect === "resource") throw severalTargets(state.dialect);
    return;
  }
  if (typeof resource !== "string") throw severalTargets(state.dialect);
  const organization = organizationOf(resource);
  if (organization !== null) {
    organizationScopesFor(state, ctx, organization);
    return;
  }
  const permitted = permittedAt(state, ctx, resource);
  if (!refreshToken.resourceIndicators.has(resource)) throw targetNotAuthorized(state.dialect);
  const beside = organizationBeside(state, ctx);
  if (beside !== null) requireMembership(state, ctx, beside);
  checkScopes(state, ctx, resource, permitted);
}

/** The organization that a refresh names beside a resource: the token is for that resource, and says whose it is. */
export function organizationBeside(state: IssuerState, ctx: KoaContextWithOIDC): string | null {
  const organization = ctx.oidc.body?.organization_id;
  const named = state.dialect === "resource" && ctx.oidc.params?.grant_type === "refresh_token";
  return named && typeof organization === "string" && organization !== "" ? organization : null;
}

function checkScopes(
  state: IssuerState,
  ctx: KoaContextWithOIDC,
  resource: string,
  permitted: readonly string[],
): void {
  if (state.dialect === "resource") {
    // What the refresh token never had, the library refuses itself; this is what the person has lost since.
    const known = state.resources[resource] ?? [];
    const lost = [...ctx.oidc.requestParamScopes].filter(
      (scope) => known.includes(scope) && !permitted.includes(scope),
    );
    if (lost.length > 0) throw scopesNotGiven(state.dialect, lost);
  }
  if (state.dialect === "scope") {
    // Here a role takes scopes away that Entra would have had consent for, so some of those asked for are enough.
    const named = [...(targetScopes(ctx) ?? [])].filter((scope) => scope.startsWith(`${resource}/`));
    const isGiven = (scope: string) =>
      permitted.includes(scope) && ctx.oidc.entities.RefreshToken?.scopes.has(scope) === true;
    const someGiven = named.some((scope) => scope === fullName(resource, everyScope) || isGiven(scope));
    if (!someGiven) throw scopesNotGiven(state.dialect, named);
  }
}

// Auth0's tokens carry the OpenID scopes beside those of the API, and what a person may not do is left out in silence.
// A refresh for another audience than the authorized one has no scopes yet: it gets all, unless it names some.
function audienceScopes(
  ctx: KoaContextWithOIDC,
  grant: Grant,
  granted: ReadonlySet<string>,
  permitted: readonly string[],
  authorized: boolean,
): string {
  const asked = targetScopes(ctx);
  const openid = [...granted].filter((scope) => asked?.has(scope) ?? true);
  const api = permitted.filter((scope) => asked?.has(scope) ?? (!authorized || granted.has(scope)));
  return [grant.getOIDCScopeFiltered(new Set(openid)), ...api].filter(Boolean).join(" ");
}

/** What the person may do at a resource, in the names of the dialect. */
function permittedAt(state: IssuerState, ctx: KoaContextWithOIDC, indicator: string): string[] {
  const known = Object.hasOwn(state.resources, indicator) ? state.resources[indicator] : undefined;
  if (!known) throw unknownTarget(state.dialect, indicator);
  const { account } = ctx.oidc;
  const user = account && state.users.get(account.accountId);
  const permitted = user ? permittedScopes(user, known) : [...known];
  return state.dialect === "scope" ? permitted.map((scope) => fullName(indicator, scope)) : permitted;
}

function organizationScopesFor(state: IssuerState, ctx: KoaContextWithOIDC, organization: string): string[] {
  const permitted = requireMembership(state, ctx, organization);
  const asked = targetScopes(ctx);
  if (!asked) return permitted;
  const { RefreshToken: refreshToken } = ctx.oidc.entities;
  const missing = [...asked].filter((scope) => !permitted.includes(scope) && !refreshToken?.scopes.has(scope));
  if (missing.length > 0) throw scopesNotGiven(state.dialect, missing);
  return permitted.filter((scope) => asked.has(scope));
}

function requireMembership(state: IssuerState, ctx: KoaContextWithOIDC, organization: string): string[] {
  const { RefreshToken: refreshToken, Account: account } = ctx.oidc.entities;
  if (!refreshToken) throw new errors.InvalidTarget("an organization token is only given for a refresh token");
  if (!refreshToken.scopes.has(organizationsScope)) {
    throw new errors.InsufficientScope("the refresh token lacks a scope", organizationsScope);
  }
  const user = account && state.users.get(account.accountId);
  const scopes = user ? organizationScopes(user, organization) : null;
  if (!scopes) throw new errors.AccessDenied("the person is not a member of the organization");
  return scopes;
}

function targetScopes(ctx: KoaContextWithOIDC): Set<string> | null {
  const scope = ctx.oidc.body?.[targetScopeParameter];
  return typeof scope === "string" ? new Set(scope.split(" ").filter(Boolean)) : null;
}
