import "server-only";
import { rolesIn } from "../../oidc/user-claims";
import type { ActiveSession } from "../registry/active-session";
import { nameOfOrganization, organizationIds } from "../registry/organization";

/** An organization of a user, as pages show it. */
export interface Organization {
  id: string;
  /** What people call it; its id where the provider does not say. */
  name: string;
  /** The user's roles there. */
  roles: string[];
  /** Whether the user works in it now: calls that name no organization are for this one. */
  isCurrent: boolean;
}

/** The organizations that a session's user belongs to, in the provider's order. No I/O. */
export function getOrganizations({ claims, organization, organizationNames }: ActiveSession): Organization[] {
  return organizationIds(claims).map((id) => ({
    id,
    name: nameOfOrganization(organizationNames, id) ?? id,
    roles: rolesIn(claims, id),
    isCurrent: id === organization,
  }));
}
