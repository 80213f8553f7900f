import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../../db/client";
import type { ActiveSession } from "./active-session";
import { type DeviceKind, deviceKindOf } from "./device";
import type { EndedBy, EndReason } from "./end-sessions";
import { passedDeadline } from "./passed-deadline";
import { type Place, placeOf } from "./short-address";

/** A session as its person may see it. Holds nothing that opens anything. */
export interface ListedSession {
  /** The public id. */
  id: string;
  isCurrent: boolean;
  /** Browser and system in words. */
  device: string | null;
  deviceKind: DeviceKind;
  place: Place;
  /** The provider's id. */
  provider: string;
  createdAt: Date;
  lastActiveAt: Date;
  idleExpiresAt: Date;
  expires: Date;
  rememberMe: boolean;
  ended: { at: Date; reason: EndReason; by: EndedBy } | null;
}

export interface SessionList {
  /** This one first, then by last activity, the latest first. */
  active: ListedSession[];
  /** The latest end first. */
  ended: ListedSession[];
}

// As many as the cap may allow at most.
const mostActive = 1000;
const mostEnded = 20;
const endedForMs = 30 * 24 * 60 * 60 * 1000;
const justEndedMs = 60_000;

const shown = {
  id: true,
  device: true,
  userAgent: true,
  ip: true,
  provider: true,
  createdAt: true,
  lastActiveAt: true,
  idleExpiresAt: true,
  expires: true,
  expiresBy: true,
  rememberMe: true,
  endedAt: true,
  endReason: true,
  endedBy: true,
} as const satisfies Prisma.SessionSelect;

type Row = Prisma.SessionGetPayload<{ select: typeof shown }>;

/**
 * The sessions of this session's person: those that are alive, and the newest of those that ended lately (as far as the sweep has left them).
 * One whose deadline has passed is over even if nobody has written that down yet. Writes nothing.
 */
export async function listSessions(current: ActiveSession, now: Date): Promise<SessionList> {
  const userId = current.user.id;
  const since = new Date(now.getTime() - endedForMs);
  const [open, closed] = await Promise.all([
    db.session.findMany({
      where: { userId, endedAt: null },
      orderBy: { lastActiveAt: "desc" },
      take: mostActive,
      select: shown,
    }),
    db.session.findMany({
      where: { userId, endedAt: { gte: since } },
      orderBy: { endedAt: "desc" },
      take: mostEnded,
      select: shown,
    }),
  ]);
  const listed = [...open, ...closed].map((row) => listedOf(row, row.id === current.id, now));
  return {
    active: listed.filter(({ ended }) => !ended).sort((a, b) => rankOf(b) - rankOf(a)),
    ended: listed
      .filter(({ ended }) => ended && ended.at >= since)
      .sort((a, b) => endOf(b) - endOf(a))
      .slice(0, mostEnded),
  };
}

/** How many sessions this person has ended from elsewhere within the last minute: what a click a moment ago did. */
export function countJustEnded(userId: string, now: Date): Promise<number> {
  const since = new Date(now.getTime() - justEndedMs);
  return db.session.count({
    where: { userId, endedAt: { gte: since }, endReason: "session_revoked", endedBy: "self" },
  });
}

function listedOf(row: Row, isCurrent: boolean, now: Date): ListedSession {
  const { userAgent, ip, expiresBy: _, endedAt, endReason, endedBy, ...rest } = row;
  return {
    ...rest,
    isCurrent,
    deviceKind: deviceKindOf(userAgent),
    place: placeOf(ip),
    ended: endedAt
      ? { at: endTime(row, endedAt), reason: readReason(endReason), by: readEndedBy(endedBy) }
      : lapseOf(row, now),
  };
}

/** When it was over: a deadline is often noticed, and written down, only later. */
function endTime({ idleExpiresAt, endReason, endedBy }: Row, endedAt: Date): Date {
  const isOfDeadline = endedBy === "policy" && endReason !== "session_cap" && endReason !== "identity_switch";
  return isOfDeadline && idleExpiresAt < endedAt ? idleExpiresAt : endedAt;
}

/** How a session ended that nobody has ended: by the first of its deadlines. */
function lapseOf(row: Row, now: Date): ListedSession["ended"] {
  const reason = passedDeadline(row, now);
  return reason && { at: row.idleExpiresAt, reason, by: "policy" };
}

function rankOf({ isCurrent, lastActiveAt }: ListedSession): number {
  return isCurrent ? Number.POSITIVE_INFINITY : lastActiveAt.getTime();
}

function endOf({ ended }: ListedSession): number {
  return ended?.at.getTime() ?? 0;
}

const reasons: Record<EndReason, true> = {
  signed_out: true,
  replaced: true,
  session_idle: true,
  session_expired: true,
  provider_limit: true,
  signed_out_by_provider: true,
  session_revoked: true,
  session_cap: true,
  identity_switch: true,
};

const enders: Record<EndedBy, true> = { self: true, sign_in: true, provider: true, policy: true, admin: true };

// While a newer version is being rolled out beside this one, a row may hold a word that only that one knows.
function readReason(word: string | null): EndReason {
  return word !== null && Object.hasOwn(reasons, word) ? (word as EndReason) : "session_revoked";
}

function readEndedBy(word: string | null): EndedBy {
  return word !== null && Object.hasOwn(enders, word) ? (word as EndedBy) : "policy";
}
