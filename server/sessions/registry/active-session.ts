import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { hashSessionId } from "../../audit/audit";
import { parseUserClaims, type UserClaims } from "../../oidc/user-claims";
import { heldRoles } from "./held-roles";
import { claimsOf, type WorkingIn, workingIn } from "./organization";

/** A live session with the person it belongs to, as the registry has it. Holds nothing that opens anything. */
export interface ActiveSession extends WorkingIn {
  /** The public id: it may be shown. */
  id: string;
  /** How the audit trail names it. */
  hash: string;
  user: { id: string; name: string | null; email: string | null; emailVerified: Date | null; image: string | null };
  provider: string;
  issuer: string;
  /** The provider's `sub`. */
  subject: string;
  /** The ID token's claims; one of another type than its name says is left out. */
  readonly claims: UserClaims;
  /** Where name and picture come from: `id-token` when userinfo could not be had at sign-in. */
  claimsSource: "id-token" | "userinfo";
  /** What `onSignIn` of `daemun.hooks.ts` added at the sign-in; empty where it added nothing. They open nothing by themselves. */
  appClaims: Readonly<Record<string, unknown>>;
  roles: string[];
  /** The address as the provider gave it at the sign-in, verified or not. */
  givenEmail: string | null;
  /** When the user authenticated at the provider, as far as it said, by our clock. */
  authTime: Date;
  /** How the person authenticated, in the provider's words. */
  acr: string | null;
  createdAt: Date;
  lastActiveAt: Date;
  /** Seconds that a pause may last. */
  idleSeconds: number;
  idleExpiresAt: Date;
  expires: Date;
  rememberMe: boolean;
  device: string | null;
  ip: string | null;
  /** Whether the provider's grant ended before this remembered session, and its user was not asked yet to confirm it, or was. */
  confirmation: "due" | "asked" | null;
  /** The device that began it, and what its user has not dismissed there yet: see `note-device.ts`. */
  deviceId: string | null;
  notices: readonly string[];
}

/** What the registry has of a live session, with its user. */
export async function activeSession(
  row: Prisma.SessionGetPayload<{ include: { user: true } }>,
): Promise<ActiveSession> {
  const { id, name, email, emailVerified, image } = row.user;
  const claims = claimsOf(row.claims);
  let parsed: UserClaims | undefined;
  return {
    id: row.id,
    hash: hashSessionId(row.sessionToken),
    user: { id, name, email, emailVerified, image },
    provider: row.provider,
    issuer: row.issuer,
    subject: row.subject,
    // Not every request reads them.
    get claims() {
      parsed ??= parseUserClaims(claims);
      return parsed;
    },
    claimsSource: row.claimsSource === "userinfo" ? "userinfo" : "id-token",
    appClaims: claimsOf(row.appClaims),
    ...(await workingIn(row, claims)),
    givenEmail: row.givenEmail ?? (typeof claims.email === "string" ? claims.email : null),
    roles: heldRoles(row),
    authTime: row.authTime,
    acr: row.acr,
    createdAt: row.createdAt,
    lastActiveAt: row.lastActiveAt,
    idleSeconds: row.idleSeconds,
    idleExpiresAt: row.idleExpiresAt,
    expires: row.expires,
    rememberMe: row.rememberMe,
    device: row.device,
    ip: row.ip,
    confirmation: row.confirmation === "due" || row.confirmation === "asked" ? row.confirmation : null,
    deviceId: row.deviceId,
    notices: row.notices,
  };
}
