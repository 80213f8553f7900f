import "server-only";
import { decodeJwt, type JWTPayload } from "jose";
import type daemun from "@/daemun.config";
import type { ApiResource, ResourceOf } from "@/edge/config";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";

/** What one access token is for. Empty strings stand for "none", and for "all that there is to have" as the scope. */
export interface TokenTarget {
  /** The indicator of a configured resource. */
  resource: string;
  organization: string;
  /** Space-separated and sorted: what it was narrowed to. */
  scope: string;
}

/** A resource of `daemun.config.ts`; any text where it names none. One that the provider has not is `unknown_resource`. */
export type ResourceIndicator = ResourceOf<typeof daemun>;

/** What an app asks for. */
export interface TokenRequest<Named extends string = ResourceIndicator> {
  /** The indicator of a resource; without it, the token for the provider's own userinfo. */
  resource?: Named;
  /** An organization that the person belongs to. */
  organization?: string;
  /** No more than these. Those that the resource does not have are left out (RFC 8707, section 2.2). */
  scopes?: readonly string[];
}

// Logto's names; others have taken them over.
const organizationsScope = "urn:logto:scope:organizations";
const organizationAudience = "urn:logto:organization:";

/** Whether this provider gives tokens of organizations. */
export function knowsOrganizations(provider: ProviderSettings): boolean {
  return provider.tokenDialect === "resource" && words(provider.scope).includes(organizationsScope);
}

/** The target of a request as this provider can be asked for it, or which part of it nobody here knows. */
export function parseTarget(
  provider: ProviderSettings,
  { resource = "", organization = "", scopes = [] }: TokenRequest<string>,
): TokenTarget | "unknown_resource" | "unknown_organization" {
  const known = resource === "" ? null : findResource(provider, resource);
  if (known === undefined) return "unknown_resource";
  if (organization !== "" && !knowsOrganizations(provider)) return "unknown_organization";
  // What an organization lets its members do, only the provider knows.
  const offered = known?.scopes ?? (organization === "" ? words(provider.scope) : scopes);
  const kept = [...new Set(scopes)].filter((scope) => offered.includes(scope)).sort();
  const isAll = organization === "" && kept.length === new Set(offered).size;
  return { resource, organization, scope: isAll ? "" : kept.join(" ") };
}

function findResource(provider: ProviderSettings, indicator: string): ApiResource | undefined {
  return provider.resources.find((resource) => resource.indicator === indicator);
}

/** The scopes that a resource is configured with; none for anything else. */
export function scopesOf(provider: ProviderSettings, { resource }: TokenTarget): readonly string[] {
  return findResource(provider, resource)?.scopes ?? [];
}

/** What the authorization request says of resources: its whole `scope`, and parameters to add, some of them repeated. */
export function authorizationRequest(provider: ProviderSettings): { scope: string; parameters: [string, string][] } {
  const resources = provider.resources;
  const scope = (more: readonly string[]) => [...new Set([...words(provider.scope), ...more])].join(" ");
  const scopes = resources.flatMap((resource) => resource.scopes);
  switch (provider.tokenDialect) {
    case "resource": {
      const indicators = new Set([...resources.map(({ indicator }) => indicator), ...provider.reservedResources]);
      return { scope: scope(scopes), parameters: [...indicators].map((indicator) => ["resource", indicator]) };
    }
    case "one-resource":
      return {
        scope: scope(scopes),
        parameters: resources.slice(0, 1).map(({ indicator }) => ["resource", indicator]),
      };
    case "audience":
      // Auth0 takes one here; its multi-resource refresh tokens fetch the others.
      return {
        scope: scope(scopes),
        parameters: resources.slice(0, 1).map(({ indicator }) => ["audience", indicator]),
      };
    case "scope":
      return { scope: scope(resources.flatMap((resource) => fullScopes(resource))), parameters: [] };
    case "scopes":
      return { scope: scope(scopes), parameters: [] };
    case "plain":
      return { scope: provider.scope, parameters: [] };
  }
}

/** What the code exchange says besides what the protocol asks for: the token that comes of it is for userinfo. */
export function exchangeParameters(provider: ProviderSettings): [string, string][] {
  const own = Object.entries(provider.tokenParameters);
  // Entra would give a token for the first resource that was consented to.
  return provider.tokenDialect === "scope" ? [["scope", provider.scope], ...own] : own;
}

/**
 * How a refresh asks for the token of `target` (RFC 6749, section 6; RFC 8707, section 2.2).
 *
 * @param grantScope all that was granted
 */
export function refreshParameters(
  provider: ProviderSettings,
  target: TokenTarget,
  grantScope = provider.scope,
): [string, string][] {
  const { resource: indicator, organization, scope } = target;
  const narrowed: [string, string][] = scope === "" ? [] : [["scope", scope]];
  const resource = indicator === "" ? undefined : findResource(provider, indicator);
  switch (provider.tokenDialect) {
    case "resource":
    case "one-resource":
      return [
        ...(resource ? [["resource", indicator] satisfies [string, string]] : []),
        ...(organization === "" ? [] : [["organization_id", organization] satisfies [string, string]]),
        ...narrowed,
      ];
    case "audience":
      return [...(resource ? [["audience", indicator] satisfies [string, string]] : []), ...narrowed];
    case "scope": {
      if (!resource) return [["scope", scope || provider.scope]];
      // With the provider's own beside them the answer brings an ID token, with the claims of before, and a refresh token.
      return [["scope", [...fullScopes(resource, words(scope)), ...words(provider.scope)].join(" ")]];
    }
    case "scopes": {
      if (!resource) return narrowed;
      // Those of other resources would make it a token for them too. The others keep the ID token as it was.
      const ofResources = new Set(provider.resources.flatMap(({ scopes }) => scopes));
      const others = words(grantScope).filter((word) => !ofResources.has(word));
      return [["scope", [...others, ...(scope === "" ? resource.scopes : words(scope))].join(" ")]];
    }
    case "plain":
      return narrowed;
  }
}

/** Entra's names of scopes: the API's own, behind its App ID URI; all that was consented to by `.default`. */
function fullScopes({ indicator, scopes }: ApiResource, narrowed: readonly string[] = []): string[] {
  const asked = narrowed.length > 0 ? narrowed : scopes.length > 0 ? scopes : [".default"];
  return asked.map((scope) => (scope.includes("://") ? scope : `${indicator}/${scope}`));
}

/**
 * Makes sure that an access token is for `target`: a provider that does not know the parameter may answer with a token for
 * something else, and whoever got that by mistake could use it there.
 *
 * @throws OidcError `invalid_response` for another audience, another organization, or a token that does not say
 */
export function checkAudience(provider: ProviderSettings, target: TokenTarget, accessToken: string): void {
  const { resource: indicator, organization } = target;
  if (indicator === "" && organization === "") return;
  const resource = indicator === "" ? undefined : findResource(provider, indicator);
  const claims = readAccessTokenClaims(accessToken);
  if (claims === null) {
    const isTaken = takesOpaque(provider) && resource?.opaqueTokens === true && organization === "";
    if (!isTaken) throw new OidcError("invalid_response", "opaque_token");
    return;
  }
  const expected = resource ? (resource.audience ?? resource.indicator) : organizationAudience + organization;
  if (![claims.aud ?? []].flat().includes(expected)) throw new OidcError("invalid_response", "audience");
  if (resource && organization !== "" && claims.organization_id !== organization)
    throw new OidcError("invalid_response", "organization");
}

/** Where the answer could not be for another resource than the one that was named. */
function takesOpaque({ tokenDialect }: ProviderSettings): boolean {
  return tokenDialect === "resource" || tokenDialect === "one-resource";
}

/**
 * What an access token says, if it is a JWT (RFC 9068), else null. Nothing in it is verified: it is for the API, which
 * has to do that. Here it comes from the token endpoint alone.
 */
export function readAccessTokenClaims(accessToken: string): JWTPayload | null {
  try {
    return decodeJwt(accessToken);
  } catch {
    return null;
  }
}

function words(scope: string): string[] {
  return scope.split(" ").filter((word) => word !== "");
}
