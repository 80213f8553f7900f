import type { User } from "./user";

/** API resources and the scopes each knows (RFC 8707). */
export type Resources = Record<string, readonly string[]>;

export const standingResources: Resources = {
  "https://shopping.example/api": ["shopping:read", "shopping:write"],
  "https://store.example/api": ["store:read", "store:write"],
};

const organizationPrefix = "urn:logto:organization:";

const organizationPermissions: Record<string, readonly string[]> = {
  admin: ["members:read", "members:write", "invoices:read", "invoices:write"],
  billing: ["invoices:read", "invoices:write"],
  member: ["members:read", "invoices:read"],
};

/** The scopes a person may have at a resource: everything for the role `admin`, what ends in `:read` for all others. */
export function permittedScopes(user: User, known: readonly string[]): string[] {
  return user.roles.includes("admin") ? [...known] : known.filter((scope) => scope.endsWith(":read"));
}

/** The audience of an organization's token. */
export function organizationAudience(organizationId: string): string {
  return `${organizationPrefix}${organizationId}`;
}

/** The organization that an audience names, or null when it names something else. */
export function organizationOf(audience: string): string | null {
  return audience.startsWith(organizationPrefix) ? audience.slice(organizationPrefix.length) : null;
}

/**
 * What a person may do in an organization, or null for a non-member.
 * A role outside the demo's table gives a permission of its own name, so that a test can invent any.
 */
export function organizationScopes(user: User, organizationId: string): string[] | null {
  const membership = user.organizations.find(({ id }) => id === organizationId);
  if (!membership) return null;
  return [...new Set(membership.roles.flatMap((role) => organizationPermissions[role] ?? [role]))];
}
