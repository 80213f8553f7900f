import "server-only";
import { hasRole } from "@/edge/gate";
import type { Failure } from "../../http/error-reply";
import { isMemberOf, rolesIn } from "../../oidc/user-claims";
import type { Role } from "../../settings/names";
import type { ActiveSession } from "../registry/active-session";
import { trustsRoles } from "../registry/policy";
import { auditDenial } from "./denial";
import { isConfirmed, type StepUp } from "./step-up";

/** What a page, an action or a route asks of a session. Each part that is said has to be met. */
export interface Requirement<Named extends string = Role> extends StepUp {
  /** The person needs at least one of these roles of `daemun.config.ts`. */
  roles?: readonly Named[];
  /** The person has to be a member of this organization; with `roles`, in at least one of these roles there. */
  organization?: string | { id: string; roles?: readonly string[] };
  /** All of these have to have been granted to the session's sign-in. */
  scopes?: readonly string[];
}

/**
 * Why the session of whoever is asking may not go on to what asks for `requirement`, or null. Who is refused for good is
 * written down. The vault is only asked where scopes are required: one query. Never throws.
 *
 * @param asked the address that was asked for
 */
export async function denialOf(
  session: ActiveSession,
  requirement: Requirement<string>,
  asked: string,
): Promise<Failure | null> {
  const granted = requirement.scopes?.length ? await grantedScopes() : null;
  if (granted && granted.kind !== "scopes") return granted;
  const code = missing(session, requirement, granted?.scopes);
  if (code === "forbidden") await auditDenial(session, asked);
  return code && { code };
}

/** Where they are asked for alone: a page that asks for no token loads no vault (ADR 68). */
async function grantedScopes() {
  const { getGrantedScopes } = await import("./session-tokens");
  return getGrantedScopes();
}

/**
 * What of `requirement` the session does not meet, or null. An empty list of roles is met by nobody.
 *
 * @param granted the scopes of the session's grant; only looked at where scopes are required
 */
export function missing(
  session: ActiveSession,
  requirement: Requirement<string>,
  granted: readonly string[] = [],
): "forbidden" | "step_up_required" | null {
  const { roles, organization, scopes = [] } = requirement;
  if (!hasRole(roles, session.roles)) return "forbidden";
  if (organization !== undefined && !belongsTo(session, organization)) return "forbidden";
  if (!scopes.every((scope) => granted.includes(scope))) return "forbidden";
  return isConfirmed(session, requirement) ? null : "step_up_required";
}

function belongsTo(
  { provider, claims }: ActiveSession,
  organization: NonNullable<Requirement["organization"]>,
): boolean {
  // A provider whose roles open no gate here could name any organization as well.
  if (!trustsRoles(provider)) return false;
  const { id, roles } = typeof organization === "string" ? { id: organization } : organization;
  return isMemberOf(claims, id) && hasRole(roles, rolesIn(claims, id));
}
