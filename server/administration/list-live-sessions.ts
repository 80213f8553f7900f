import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { parseTimeCursor, uuidForm, writeCursor } from "./cursor";
import { limit } from "./limit";
import { type LiveSession, listedSession, type SessionColumns } from "./live-session";

/** A live session, and whose it is. */
export interface UsersSession extends LiveSession {
  user: { id: string; name: string | null; email: string | null };
}

/** What live sessions have in common: a provider's id, and a device in words, empty where it is not known. */
export interface Origin {
  provider: string;
  device: string;
}

export interface SessionFilter {
  provider?: string | undefined;
  device?: string | undefined;
}

/** So many different origins are told apart; sessions of others are in the list that is not filtered. */
export const mostOrigins = 200;

/** Where live sessions come from, each provider and device once: a step along the index for each. */
export function listOrigins(): Promise<Origin[]> {
  const first = Prisma.sql`
    SELECT provider, COALESCE(device, '') AS device FROM "Session" WHERE "endedAt" IS NULL`;
  const order = Prisma.sql`ORDER BY provider, COALESCE(device, '') LIMIT 1`;
  return db.$queryRaw<Origin[]>`
    WITH RECURSIVE origins AS (
      (${first} ${order})
      UNION ALL
      SELECT later.* FROM origins o CROSS JOIN LATERAL (
        ${first} AND (provider, COALESCE(device, '')) > (o.provider, o.device) ${order}) later
    ) SELECT * FROM origins ${limit(mostOrigins)}`;
}

/** Live sessions, the newest sign-in first; with a filter, of each origin that fits so many as a page has, and the newest of those. */
export async function listLiveSessions(
  filter: SessionFilter,
  origins: readonly Origin[],
  { after, most = 25 }: { after?: string | undefined; most?: number } = {},
): Promise<{ sessions: UsersSession[]; next: string | null }> {
  const now = new Date();
  const cursor = parseTimeCursor(after, uuidForm);
  const beyond = cursor ? Prisma.sql`AND ("createdAt", id) < (${cursor.at}, ${cursor.id}::uuid)` : Prisma.empty;
  const newest = Prisma.sql`ORDER BY "createdAt" DESC, id DESC ${limit(most + 1)}`;
  const rows = await db.$queryRaw<Row[]>`
    SELECT s.id, s.provider, s.device, s."userAgent", s.ip, s."createdAt", s."lastActiveAt", s."rememberMe",
      s."idleExpiresAt", s.expires, s."expiresBy", u.id AS "userId", u.name, u.email
    FROM (${pageOf(filter, origins, { beyond, newest })}) s CROSS JOIN LATERAL (
      SELECT id, name, email FROM "User" WHERE "User".id = s."userId" LIMIT 1) u
    ORDER BY s."createdAt" DESC, s.id DESC`;
  const shown = rows.slice(0, most);
  const last = shown.at(-1);
  return {
    sessions: shown.map((row) => ({
      ...listedSession(row, now),
      user: { id: row.userId, name: row.name, email: row.email },
    })),
    next: rows.length > most && last ? writeCursor({ key: last.createdAt.toISOString(), id: last.id }) : null,
  };
}

function pageOf(
  { provider, device }: SessionFilter,
  origins: readonly Origin[],
  { beyond, newest }: { beyond: Prisma.Sql; newest: Prisma.Sql },
): Prisma.Sql {
  if (provider === undefined && device === undefined) {
    return Prisma.sql`SELECT * FROM "Session" WHERE "endedAt" IS NULL ${beyond} ${newest}`;
  }
  const wanted = origins.filter(
    (origin) =>
      (provider === undefined || origin.provider === provider) && (device === undefined || origin.device === device),
  );
  const [providers, devices] = [wanted.map((origin) => origin.provider), wanted.map((origin) => origin.device)];
  return Prisma.sql`
    SELECT s.* FROM unnest(${providers}::text[], ${devices}::text[]) AS origin(provider, device) CROSS JOIN LATERAL (
      SELECT * FROM "Session" WHERE "endedAt" IS NULL AND "Session".provider = origin.provider
        AND COALESCE("Session".device, '') = origin.device ${beyond} ${newest}) s ${newest}`;
}

type Row = SessionColumns & { userId: string; name: string | null; email: string | null };
