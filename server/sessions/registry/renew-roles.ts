import "server-only";
import { db } from "../../db/client";
import { describeError, log } from "../../http/log";
import { getMetadata } from "../../oidc/metadata";
import { withDeadline } from "../../oidc/outbound";
import { pickOrganizations, rightClaims } from "../../oidc/rights";
import { fetchUserInfoClaims } from "../../oidc/user-info";
import type { ProviderSettings } from "../../settings/providers";
import type { Credential } from "../../tokens/outcome";
import type { TokenOwner } from "../../tokens/owner";
import { trustsRoles } from "./policy";
import { describesUser } from "./renew-claims";

// Somebody waits for the token that came before this.
const userInfoTimeoutMs = 3_000;

/**
 * Has userinfo say a session's roles and organizations once more after a refresh, where it said them at the sign-in: what it
 * says no more is taken away. Where it cannot be asked, what holds stays, and the log says so. Never throws.
 *
 * @param token the one that came, where userinfo takes it
 */
export async function renewRoles(owner: TokenOwner, token: Credential | null): Promise<"done" | "token_needed"> {
  const { grantOwner, provider, subject } = owner;
  if (!("sessionId" in grantOwner) || subject === null || !trustsRoles(provider.id)) return "done";
  const { sessionId: id } = grantOwner;
  try {
    const select = { roles: true, rolesSource: true, userInfoRights: true, claims: true };
    const row = await db.session.findFirst({ where: { id, endedAt: null }, select });
    if (!row) return "done";
    const areRoles = areRolesFromUserInfo(row, provider);
    const { userInfoRights } = row;
    if (!areRoles && userInfoRights.length === 0) return "done";
    if (token === null) return "token_needed";
    const claims = await withDeadline(userInfoTimeoutMs, async () =>
      fetchUserInfoClaims(provider, await getMetadata(provider), {
        accessToken: token.accessToken,
        proofKey: token.proofKey ?? null,
        subject,
      }),
    );
    // One that says nothing of the user at all takes nothing away.
    if (!describesUser(Object.keys(claims))) return "done";
    if (areRoles) await writeRoles(id, claims.roles ?? []);
    if (provider.oauth2) await replaceClaims(id, rightClaims(provider), claims);
    else await replaceClaims(id, userInfoRights, pickOrganizations(claims, userInfoRights));
  } catch (error) {
    log.warn("session.roles_not_renewed", { provider: provider.id, cause: describeError(error) });
  }
  return "done";
}

function areRolesFromUserInfo(
  { roles, rolesSource, claims }: { roles: string[]; rolesSource: string | null; claims: unknown },
  { oauth2 }: ProviderSettings,
): boolean {
  // The ID token comes first, at the sign-in too; where there is none, a session's claims are userinfo's.
  if (!oauth2 && Array.isArray((claims as Record<string, unknown>).roles)) return false;
  return rolesSource === "userinfo" || (rolesSource === null && roles.length > 0);
}

async function writeRoles(id: string, roles: string[]): Promise<void> {
  await db.session.updateMany({ where: { id, endedAt: null }, data: { roles } });
}

/** In one statement: a refresh may write the other claims at the same time. */
async function replaceClaims(id: string, names: string[], claims: Record<string, unknown>): Promise<void> {
  if (names.length === 0) return;
  await db.$executeRaw`
    UPDATE "Session" SET claims = (claims - ${names}::text[]) || ${JSON.stringify(claims)}::jsonb
    WHERE id = ${id}::uuid AND "endedAt" IS NULL`;
}
