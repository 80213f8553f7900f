import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { afterResponse } from "../http/after-response";
import type { IdTokenClaims } from "../oidc/id-token";
import { readableClaims } from "../oidc/readable-claims";
import type { TokenOwner } from "../tokens/owner";
import { revokeQuietly } from "../tokens/revoke-grants";
import { endSessions } from "./end-sessions";
import { trustsRoles } from "./policy";
import { parseRoles } from "./roles";

// How and when the person proved who they are: a refresh proves nothing, whatever its ID token says of that (OpenID
// Connect Core 1.0, section 12.2), and a page may ask for a recent or strong sign-in by these.
const ofTheSignIn = ["auth_time", "acr", "amr"];

/** Keeps what a refreshed ID token says of the person: roles and organizations may have changed since the sign-in. */
export async function renewClaims({ sessionId, provider }: TokenOwner, idToken: IdTokenClaims): Promise<void> {
  const row = await db.session.findUnique({ where: { id: sessionId }, select: { claims: true } });
  const former = (row?.claims ?? {}) as Record<string, unknown>;
  const kept = Object.entries(former).filter(([name]) => ofTheSignIn.includes(name));
  const told = Object.entries(readableClaims(idToken)).filter(([name]) => !ofTheSignIn.includes(name));
  const claims = Object.fromEntries([...told, ...kept]) as Prisma.InputJsonObject;
  // A provider that leaves an empty list out has taken the last role away. One whose ID tokens never had any has not.
  const saysRoles = Object.hasOwn(claims, "roles") || Object.hasOwn(former, "roles");
  const roles = saysRoles && trustsRoles(provider.id) ? { roles: parseRoles(claims.roles) } : {};
  await db.session.updateMany({ where: { id: sessionId, endedAt: null }, data: { claims, ...roles } });
}

/** Ends a session whose provider, asked to renew its tokens, answered for somebody else. */
export async function endSwitched({ sessionId, userId, provider, issuer }: TokenOwner, cause: string): Promise<void> {
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
