import "server-only";
import { isIssuerOf } from "../../../oidc/issuer";
import { env } from "../../../settings/env";
import type { ProviderSettings } from "../../../settings/providers";
import { trustsRoles } from "../../registry/policy";
import type { BearerRequirement } from "./caller";

/**
 * The providers whose access tokens count: those that are named, else those whose roles count. What a scope opens is a right as
 * a role is, and of several providers one may be somebody else's.
 */
export function tokenProviders({ providers: named }: Pick<BearerRequirement, "providers"> = {}): ProviderSettings[] {
  // Without discovery there are neither keys nor an issuer that a token could name.
  const withDiscovery = env().providers.filter(({ oauth2, endpoints }) => !oauth2 && !endpoints);
  return withDiscovery.filter(({ id }) => (named ? named.includes(id) : trustsRoles(id)));
}

/** The one of them that a token's issuer is. */
export function providerOf(issuer: string, requirement: BearerRequirement): ProviderSettings | null {
  return tokenProviders(requirement).find((provider) => isIssuerOf(provider, issuer)) ?? null;
}

/** The one that is asked about tokens that say nothing; null where none is, and where it could be either of two. */
export function introspectingProvider(requirement: BearerRequirement): ProviderSettings | null {
  const [provider = null, ...others] = tokenProviders(requirement).filter(
    ({ accessTokens }) => accessTokens.introspection,
  );
  // A token of the one is not shown to the other.
  return others.length === 0 ? provider : null;
}
