import "server-only";
import { audited } from "../../audit/audit";
import { db } from "../../db/client";
import { afterResponse } from "../../http/after-response";
import type { IdTokenClaims } from "../../oidc/id-token";
import { readableClaims } from "../../oidc/readable-claims";
import { rightClaims } from "../../oidc/rights";
import { isText } from "../../oidc/signed-token";
import { isOfItsType } from "../../oidc/user-claims";
import type { TokenOwner } from "../../tokens/owner";
import { revokeQuietly } from "../../tokens/revoke-grants";
import type { RenewedUser } from "../../tokens/store";
import { endSessions } from "./end-sessions";
import { trustsRoles } from "./policy";

// How and when the person proved who they are: a refresh proves nothing, whatever its ID token says of that (OpenID
// Connect Core 1.0, section 12.2), and a page may ask for a recent or strong sign-in by these.
const ofTheSignIn = new Set(["auth_time", "acr", "amr"]);

// What every ID token says. One that says nothing else tells nothing of the person: some providers leave claims to
// userinfo, for all refreshes or for some.
const ofEveryToken = new Set([
  ...ofTheSignIn,
  "iss",
  "sub",
  "aud",
  "azp",
  "exp",
  "iat",
  "nbf",
  "jti",
  "session_expiry",
]);

/**
 * What a session's row has to say after a refreshed ID token: roles and organizations may have changed. Claims that the
 * token leaves out stay, but for rights, where it speaks of the person at all. Null when the session is over.
 */
export async function renewUser(
  { grantOwner, provider }: TokenOwner,
  idToken: IdTokenClaims,
): Promise<RenewedUser | null> {
  if (!("sessionId" in grantOwner)) return null;
  const where = { id: grantOwner.sessionId };
  const row = await db.session.findUnique({ where, select: { claims: true, roles: true, userInfoRights: true } });
  if (!row) return null;
  const former = Object.entries(row.claims as Record<string, unknown>);
  // What is of a wrong kind is as absent: what was said before stays.
  const told = Object.entries(readableClaims(idToken)).filter(
    ([name, value]) => !ofTheSignIn.has(name) && isOfItsType(name, value),
  );
  // A provider that leaves an empty list out has taken the last one away; what userinfo said is userinfo's to take.
  const rights = rightClaims(provider).filter((name) => !row.userInfoRights.includes(name));
  const kept = describesUser(told.map(([name]) => name)) ? former.filter(([name]) => !rights.includes(name)) : former;
  const claims = Object.fromEntries([...kept, ...told]);
  return {
    claims,
    roles: trustsRoles(provider.id) ? rolesAfter(claims, row.roles, former) : row.roles,
  };
}

/** Whether claims of these names say anything of the user. */
export function describesUser(names: readonly string[]): boolean {
  return names.some((name) => !ofEveryToken.has(name));
}

/** Roles that userinfo gave at the sign-in are not the ID token's to take away. */
function rolesAfter(claims: Record<string, unknown>, roles: string[], former: [string, unknown][]): string[] {
  if (Array.isArray(claims.roles)) return claims.roles.filter(isText);
  return former.some(([name, value]) => name === "roles" && Array.isArray(value)) ? [] : roles;
}

/** Ends a session whose provider, asked to renew its tokens, answered for somebody else. */
export async function endSwitched({ grantOwner, userId, provider, issuer }: TokenOwner, cause: string): Promise<void> {
  if (!("sessionId" in grantOwner)) return;
  const { sessionId } = grantOwner;
  const { grants } = await audited(async (tx, audit) => {
    const ended = await endSessions(tx, { id: sessionId }, { reason: "identity_switch", by: "policy" });
    await audit(
      ...ended.sessions.map(({ sid }) => ({
        event: "security.identity_switch" as const,
        outcome: "failure" as const,
        reason: "identity_mismatch" as const,
        userId,
        sid,
        provider: provider.id,
        issuer,
        detail: { cause },
      })),
    );
    return ended;
  });
  afterResponse(() => revokeQuietly(grants));
}
