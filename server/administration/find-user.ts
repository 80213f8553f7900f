import "server-only";
import { hasRole } from "@/edge/gate";
import { db } from "../db/client";
import { heldRoles, isAdminSubject } from "../sessions/registry/held-roles";
import { adminRoles } from "../sessions/registry/policy";
import { uuidForm } from "./cursor";
import { type LiveSession, listedSession, sessionColumns } from "./live-session";

/** How a user came to administer: by an operator's word, by `ADMIN_SUBJECTS`, or by a role that a provider says now. */
export type AdminBy = "operator" | "environment" | "provider";

/** What administrators may know of a user. No claims, no token. */
export interface UserDetails {
  id: string;
  name: string | null;
  email: string | null;
  emailVerified: Date | null;
  image: string | null;
  createdAt: Date;
  disabledAt: Date | null;
  deletionDueAt: Date | null;
  note: string | null;
  adminBy: AdminBy | null;
  identities: {
    id: string;
    provider: string;
    subject: string;
    issuer: string;
    createdAt: Date;
    lastSignInAt: Date | null;
  }[];
  /** The last active first, so many as are shown. */
  sessions: LiveSession[];
  hasMoreSessions: boolean;
  /** Services that they have connected. */
  connections: { id: string; service: string; scopes: string[]; createdAt: Date; lastUsedAt: Date | null }[];
}

const mostShown = 50;

/** A user with all that belongs to them, by indexes of theirs; null where there is none of that id. */
export async function findUserDetails(id: string): Promise<UserDetails | null> {
  if (!uuidForm.test(id)) return null;
  const now = new Date();
  const [user, identities, sessions, grants] = await Promise.all([
    db.user.findUnique({ where: { id } }),
    db.account.findMany({ where: { userId: id }, orderBy: { createdAt: "asc" }, take: mostShown }),
    db.session.findMany({
      where: { userId: id, endedAt: null },
      orderBy: { lastActiveAt: "desc" },
      take: mostShown + 1,
      select: { ...sessionColumns, subject: true, roles: true, confirmation: true },
    }),
    db.grant.findMany({
      where: { userId: id, service: { not: null }, endedAt: null },
      orderBy: { createdAt: "asc" },
      take: mostShown,
      select: { id: true, service: true, scope: true, createdAt: true, lastUsedAt: true },
    }),
  ]);
  if (!user) return null;
  const isAdmin = sessions.some((session) => hasRole(adminRoles(), heldRoles({ ...session, user })));
  const isNamed = identities.some(({ provider, providerAccountId }) => isAdminSubject(provider, providerAccountId));
  const { name, email, emailVerified, image, createdAt, disabledAt, deletionDueAt, note } = user;
  return {
    ...{ id, name, email, emailVerified, image, createdAt, disabledAt, deletionDueAt, note },
    adminBy: user.adminSince ? "operator" : isNamed ? "environment" : isAdmin ? "provider" : null,
    identities: identities.map(({ providerAccountId: subject, ...identity }) => ({ ...identity, subject })),
    sessions: sessions.slice(0, mostShown).map((row) => listedSession(row, now)),
    hasMoreSessions: sessions.length > mostShown,
    connections: grants.map(({ service, scope, ...grant }) => ({
      ...grant,
      service: service ?? "",
      // A service that says them with commas at a refresh does so.
      scopes: scope.split(/[ ,]+/).filter(Boolean),
    })),
  };
}

/** Names of users, for lists that have their ids alone. */
export async function findUserNames(ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string | null>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null && uuidForm.test(id)))];
  if (wanted.length === 0) return new Map();
  const users = await db.user.findMany({
    where: { id: { in: wanted } },
    select: { id: true, name: true, email: true },
  });
  return new Map(users.map(({ id, name, email }) => [id, name ?? email]));
}
