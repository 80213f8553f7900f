import "server-only";
import { type ErrorCode, isErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { hashSessionId } from "../audit/audit";
import { db } from "../db/client";
import type { ActiveSession } from "../sessions/registry/active-session";
import { type DeviceKind, describeDevice, deviceKindOf } from "../sessions/registry/device";
import { type Place, placeOf } from "../sessions/registry/short-address";
import { parseCursor, sealCursor } from "./activity-cursor";

/** Something that happened to a user's account, as its user may see it. */
export interface Activity {
  /** Tells it from the others of its page. */
  key: number;
  at: Date;
  /** As the audit trail names it. A later version may have written one that this one does not know. */
  event: string;
  isFailure: boolean;
  reason: ErrorCode | null;
  /** The id of a provider, or `service:` and that of a service. */
  provider: string | null;
  /** The id of a service that it is about. */
  service: string | null;
  /** What more the row says, one word each. */
  cause: string | null;
  isFirst: boolean;
  /** From where; null where nobody at a device did it, or somebody else than the user. */
  origin: {
    device: string | null;
    deviceKind: DeviceKind;
    place: Place;
    country: string | null;
    city: string | null;
  } | null;
  session: "this" | "lives" | "over" | null;
  /** The public id of the session, while it lives. */
  sessionId: string | null;
  /** How many of the same came one after the other. */
  count: number;
}

export interface ActivityPage {
  /** The newest first. */
  activities: Activity[];
  /** Where the next page begins, or null on the last one. */
  next: string | null;
  isFirst: boolean;
}

const pageSize = 50;

/**
 * One page of what the audit trail has of this session's user, and of nobody else, the newest first.
 *
 * @param before where the page before ended, as its `next` says
 */
export async function listActivity(
  current: ActiveSession,
  { before, now }: { before: string | undefined; now: Date },
): Promise<ActivityPage> {
  const userId = current.user.id;
  const cursor = await parseCursor(before);
  const [rows, alive] = await Promise.all([
    db.auditEvent.findMany({
      where: {
        userId,
        ...(cursor && {
          at: { lte: cursor.at },
          OR: [{ at: { lt: cursor.at } }, { id: { lt: cursor.id } }],
        }),
      },
      orderBy: [{ at: "desc" }, { id: "desc" }],
      take: pageSize + 1,
    }),
    db.session.findMany({
      where: { userId, endedAt: null, idleExpiresAt: { gt: now } },
      select: { id: true, sessionToken: true },
    }),
  ]);
  const living = new Map(alive.map(({ id, sessionToken }) => [hashSessionId(sessionToken), id]));
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  return {
    activities: joined(shown.map((row, key) => activityOf(row, key, living, current))),
    next: rows.length > pageSize && last ? await sealCursor(last) : null,
    isFirst: cursor === null,
  };
}

type Row = Prisma.AuditEventGetPayload<Record<never, never>>;

// What somebody or something else did: the address and the browser in the row are not the user's.
const byOthers = /^(?:admin\.action|sign_out\.backchannel|signal\.|webhook\.|session\.role_lost|vault\.)/;

function activityOf(row: Row, key: number, living: ReadonlyMap<string, string>, current: ActiveSession): Activity {
  const detail = typeof row.detail === "object" && row.detail !== null && !Array.isArray(row.detail) ? row.detail : {};
  const word = (name: string) => (typeof detail[name] === "string" ? (detail[name] as string) : null);
  const sessionId = row.sessionHash === null ? null : (living.get(row.sessionHash) ?? null);
  const isOthers = byOthers.test(row.event) || "actor" in detail || (row.ip === null && row.userAgent === null);
  return {
    key,
    at: row.at,
    event: row.event,
    isFailure: row.outcome === "failure",
    reason: isErrorCode(row.reason) ? row.reason : null,
    provider: row.provider,
    service: word("service"),
    cause: word("act") ?? word("scope") ?? word("cause"),
    isFirst: detail.first === true,
    origin: isOthers
      ? null
      : {
          device: describeDevice(row.userAgent),
          deviceKind: deviceKindOf(row.userAgent),
          place: placeOf(row.ip),
          country: word("country"),
          city: word("city"),
        },
    session:
      row.sessionHash === null
        ? null
        : row.sessionHash === current.hash
          ? "this"
          : sessionId === null
            ? "over"
            : "lives",
    sessionId: row.sessionHash === current.hash ? null : sessionId,
    count: 1,
  };
}

// What an app does over and over in a user's name: one line says as much as twenty.
const repeated = new Set([
  "token.refreshed",
  "token.refresh_failed",
  "token.exchanged",
  "token.exposed",
  "session.rejected",
  "rate.limited",
]);

/** The same with repetitions in one, which are of one day, session, provider and outcome. */
function joined(activities: readonly Activity[]): Activity[] {
  const lines: Activity[] = [];
  for (const activity of activities) {
    const last = lines.at(-1);
    if (last && repeated.has(activity.event) && isSame(last, activity)) last.count += 1;
    else lines.push({ ...activity });
  }
  return lines;
}

function isSame(a: Activity, b: Activity): boolean {
  return (["event", "isFailure", "reason", "provider", "service", "session", "sessionId"] as const).every(
    (field) => a[field] === b[field],
  );
}
