import "server-only";
import { isMemberOf, parsePersonClaims, rolesIn } from "../oidc/person-claims";
import { trustsRoles } from "./policy";
import type { ActiveSession } from "./session-state";
import { isConfirmed, type StepUp } from "./step-up";

/** What a page, an action or a route asks of a session. Each part that is said has to be met. */
export interface Requirement extends StepUp {
  /** The person needs at least one of these roles. */
  roles?: readonly string[];
  /** The person has to be a member of this organization; with `roles`, in at least one of these roles there. */
  organization?: string | { id: string; roles?: readonly string[] };
  /** All of these have to have been granted to the session's sign-in. */
  scopes?: readonly string[];
}

/**
 * What of `requirement` the session does not meet, or null. An empty list of roles is met by nobody.
 *
 * @param granted the scopes of the session's grant; only looked at where scopes are required
 */
export function missing(
  session: ActiveSession,
  requirement: Requirement,
  granted: readonly string[] = [],
): "forbidden" | "step_up_required" | null {
  const { roles, organization, scopes = [] } = requirement;
  if (roles && !isOneOf(roles, session.roles)) return "forbidden";
  if (organization !== undefined && !belongsTo(session, organization)) return "forbidden";
  if (!scopes.every((scope) => granted.includes(scope))) return "forbidden";
  return isConfirmed(session, requirement) ? null : "step_up_required";
}

function belongsTo(
  { provider, claims: raw }: ActiveSession,
  organization: NonNullable<Requirement["organization"]>,
): boolean {
  // A provider whose roles open no gate here could name any organization as well.
  if (!trustsRoles(provider)) return false;
  const { id, roles } = typeof organization === "string" ? { id: organization } : organization;
  const claims = parsePersonClaims(raw);
  return isMemberOf(claims, id) && (!roles || isOneOf(roles, rolesIn(claims, id)));
}

function isOneOf(wanted: readonly string[], held: readonly string[]): boolean {
  return wanted.some((role) => held.includes(role));
}
