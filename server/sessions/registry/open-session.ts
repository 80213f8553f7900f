import "server-only";
import { randomBytes } from "node:crypto";
import { idleDeadlineFrom, type SessionClaims } from "@/edge/session-cookie";
import { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { getRequestContext } from "../../http/request-context";
import { describeDevice } from "./device";
import { auditRevoked } from "./end-chosen";
import { type EndedSessions, endSessions } from "./end-sessions";
import { heldRoles, type RoleSources } from "./held-roles";
import type { KnownDevice } from "./note-device";
import { deadlinesFor, rememberedDeadlines, rolesForGates, sessionPolicy } from "./policy";

export interface NewSession {
  userId: string;
  provider: string;
  issuer: string;
  subject: string;
  providerSessionId: string | null;
  claims: Prisma.InputJsonObject;
  claimsSource: "id-token" | "userinfo";
  /** What the app's `onSignIn` added. */
  appClaims?: Prisma.InputJsonObject | null;
  roles: string[];
  /** Who said them; null where nobody did. */
  rolesSource: "id-token" | "userinfo" | null;
  /** Names of claims of organizations that userinfo said, and not the ID token. */
  userInfoRights: string[];
  /** The organization that the user goes on working in. */
  organization: string | null;
  /** What userinfo calls the user's organizations. */
  organizationNames: Record<string, string> | null;
  /** The address as the provider gave it, verified or not. */
  givenEmail: string | null;
  authTime: Date;
  /** The ID token's `iat`. */
  issuedAt: Date;
  acr: string | null;
  amr: string[];
  /** "Keep me signed in": counts where configuration offers it. */
  rememberMe: boolean;
}

/**
 * Writes the row of a new sign-in, in the caller's transaction. Answers the row's id and the claims for its cookie.
 *
 * @param user as its row says, for the cookie's roles
 * @param device the one that it begins on, where that is known
 * @param ceiling when the session has to end in the provider's eyes (UNIX seconds), or null
 */
export async function openSession(
  tx: Prisma.TransactionClient,
  session: NewSession,
  {
    user,
    device,
    now,
    ceiling,
  }: { user: RoleSources["user"]; device?: Pick<KnownDevice, "id" | "notices">; now: Date; ceiling: number | null },
): Promise<{ id: string; claims: SessionClaims }> {
  const { idleSeconds, absoluteSeconds } = deadlinesFor(session.provider, { remember: session.rememberMe });
  const context = getRequestContext();
  const issuedAt = Math.floor(now.getTime() / 1000);
  const isProviders = ceiling !== null && ceiling < issuedAt + absoluteSeconds;
  const absoluteDeadline = isProviders ? ceiling : issuedAt + absoluteSeconds;
  // 256 bits from the system's generator: a session id is only as secret as it is random.
  const sid = randomBytes(32).toString("base64url");
  const { id } = await tx.session.create({
    data: {
      ...session,
      organizationNames: session.organizationNames ?? Prisma.DbNull,
      appClaims: session.appClaims ?? Prisma.DbNull,
      sessionToken: sid,
      expires: new Date(absoluteDeadline * 1000),
      expiresBy: isProviders ? "provider" : "policy",
      idleExpiresAt: new Date(Math.min(now.getTime() + idleSeconds * 1000, absoluteDeadline * 1000)),
      idleSeconds,
      device: describeDevice(context?.userAgent ?? null),
      userAgent: context?.userAgent ?? null,
      ip: context?.address ?? null,
      createdAt: now,
      lastActiveAt: now,
      ...(device && { deviceId: device.id, notices: device.notices }),
    },
    select: { id: true },
  });
  const held = heldRoles({ ...session, user });
  return {
    id,
    claims: {
      sub: session.userId,
      sid,
      provider: session.provider,
      roles: rolesForGates(held),
      authTime: Math.floor(session.authTime.getTime() / 1000),
      issuedAt,
      idleSeconds,
      idleDeadline: idleDeadlineFrom(issuedAt, idleSeconds, absoluteDeadline),
      absoluteDeadline,
      remembered: session.rememberMe && rememberedDeadlines(session.provider) !== null,
    },
  };
}

/**
 * Ends the least recently active sessions of a person who has more than the policy allows, in the transaction that
 * opened `newest`, which stays, and holds the lock on the person.
 */
export async function keepToCap(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { userId, newest, now }: { userId: string; newest: string; now: Date },
): Promise<EndedSessions> {
  const surplus = await tx.session.findMany({
    where: { userId, endedAt: null, idleExpiresAt: { gt: now }, id: { not: newest } },
    orderBy: { lastActiveAt: "desc" },
    skip: sessionPolicy().maxPerUser - 1,
    select: { id: true },
  });
  if (surplus.length === 0) return { count: 0, sessions: [], grants: [] };
  const which = { id: { in: surplus.map(({ id }) => id) } };
  const ended = await endSessions(tx, which, { reason: "session_cap", by: "policy", now });
  await auditRevoked(audit, ended.sessions, "cap");
  return ended;
}
