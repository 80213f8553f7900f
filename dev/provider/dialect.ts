import { z } from "zod";

/**
 * How an issuer wants to be told which API an access token is for:
 * `resource` RFC 8707's parameter and Logto's `organization_id` · `audience` Auth0's parameter · `scope` Microsoft Entra's
 * full scope names · `scopes` the scopes alone, as Keycloak and Okta know them. What the library knows is `resource`; the others
 * are translated into it (http/dialect-request.ts).
 */
export const dialectSchema = z.enum(["resource", "audience", "scope", "scopes"]);
export type Dialect = z.infer<typeof dialectSchema>;

/** A scope as Entra names it: `https://shopping.example/api/shopping:read`. */
export function fullName(indicator: string, scope: string): string {
  return `${indicator}/${scope}`;
}

/** What Entra calls all scopes of a resource that were consented to. */
export const everyScope = ".default";

/** Taken apart: the resource that a full scope name begins with, or null for a scope that names none. */
export function resourceOf(scope: string, known: readonly string[]): string | null {
  const found = known.find((indicator) => scope.startsWith(`${indicator}/`));
  if (found !== undefined) return found;
  return scope.includes("://") ? scope.slice(0, scope.lastIndexOf("/")) : null;
}

/**
 * The scopes of a token request that are for its target. The library would hold the refresh token's own scopes against
 * them, which name none of an organization's, of another audience's, and never `.default`.
 */
export const targetScopeParameter = "target_scope";
