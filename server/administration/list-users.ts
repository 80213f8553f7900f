import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { type Cursor, parseCursor, parseTimeCursor, uuidForm, writeCursor } from "./cursor";
import { limit } from "./limit";

/** A user as a list shows them. */
export interface ListedUser {
  id: string;
  name: string | null;
  email: string | null;
  image: string | null;
  createdAt: Date;
  disabledAt: Date | null;
  adminSince: Date | null;
  lastSignInAt: Date | null;
  /** Ids of the providers that they sign in with. */
  providers: string[];
  /** How many sessions live, counted up to {@link mostCounted}. */
  sessions: number;
}

export interface UserPage {
  users: ListedUser[];
  /** Where the next page begins; null at the end. */
  next: string | null;
}

/** What a search looks at. */
export type SearchField = "email" | "name" | "subject";

export const searchFields = ["email", "name", "subject"] as const satisfies readonly SearchField[];

/** Of a user's sessions no more are counted: "100 or more" is said. */
export const mostCounted = 100;

/** The newest users first. */
export async function listNewestUsers(after: string | undefined, most = 25): Promise<UserPage> {
  const cursor = parseTimeCursor(after, uuidForm);
  const from = cursor ? Prisma.sql`WHERE ("createdAt", id) < (${cursor.at}, ${cursor.id}::uuid)` : Prisma.empty;
  const page = Prisma.sql`
    SELECT id, "createdAt"::text AS key FROM "User" ${from} ORDER BY "createdAt" DESC, id DESC ${limit(most + 1)}`;
  const found = await withFacts(page);
  return pageOf(found, most, (user) => ({ key: user.createdAt.toISOString(), id: user.id }));
}

/**
 * Users whose address, name, or subject at a provider begins with `prefix`, in that order. Case counts for subjects alone.
 * Each is a range of an index: docs/decisions/0055-administration-reads-by-index.md.
 */
export async function searchUsers(
  field: SearchField,
  prefix: string,
  { after, most = 25 }: { after?: string | undefined; most?: number } = {},
): Promise<UserPage> {
  const wanted = searchable(prefix);
  if (wanted === "") return { users: [], next: null };
  const found = await withFacts(pages[field](wanted, parseCursor(after), most + 1));
  return pageOf(found, most, ({ key, keyId }) => ({ key, id: keyId }));
}

/** The user of that id, as a list of one or none. */
export async function findUserById(id: string): Promise<UserPage> {
  const wanted = id.trim().toLowerCase();
  if (!uuidForm.test(wanted)) return { users: [], next: null };
  const found = await withFacts(Prisma.sql`SELECT id, '' AS key FROM "User" WHERE id = ${wanted}::uuid`);
  return { users: found.map(listed), next: null };
}

/** What of a text may be searched for: PostgreSQL keeps no NUL, and nothing here is longer. */
export function searchable(text: string): string {
  return text.trim().replaceAll("\0", "").toWellFormed().slice(0, 320);
}

// Past everything that begins with a prefix, where bytes are compared.
const end = "\u{10FFFF}";

type PageQuery = (prefix: string, after: Cursor | null, most: number) => Prisma.Sql;

const pages: Record<SearchField, PageQuery> = {
  // Addresses are kept in lower case.
  email: (prefix, after, most) => {
    const low = prefix.toLowerCase();
    const value = Prisma.sql`email COLLATE "C"`;
    return Prisma.sql`
      SELECT id, email AS key FROM "User"
      WHERE ${range(value, Prisma.sql`${low}::text`, after)} ORDER BY email COLLATE "C", id ${limit(most)}`;
  },
  // By PostgreSQL's own rules of case, as the index has it.
  name: (prefix, after, most) => Prisma.sql`
    SELECT id, lower(name) AS key FROM "User"
    WHERE ${range(Prisma.sql`lower(name) COLLATE "C"`, Prisma.sql`lower(${prefix}::text)`, after)}
    ORDER BY lower(name) COLLATE "C", id ${limit(most)}`,
  subject: (prefix, after, most) => Prisma.sql`
    SELECT "userId" AS id, "providerAccountId" AS key, id AS "keyId" FROM "Account"
    WHERE ${range(Prisma.sql`"providerAccountId" COLLATE "C"`, Prisma.sql`${prefix}::text`, after)}
    ORDER BY "providerAccountId" COLLATE "C", id ${limit(most)}`,
};

function range(value: Prisma.Sql, prefix: Prisma.Sql, after: Cursor | null): Prisma.Sql {
  const goOn =
    after && uuidForm.test(after.id)
      ? Prisma.sql`AND (${value}, id) > (${after.key}::text COLLATE "C", ${after.id}::uuid)`
      : Prisma.empty;
  return Prisma.sql`${value} >= ${prefix} COLLATE "C" AND ${value} < (${prefix} || ${end}) COLLATE "C" ${goOn}`;
}

type Found = ListedUser & { key: string; keyId: string };

/**
 * One query: a page of ids, and beside each what the list says of that user, by indexes of theirs. Each is looked up by itself:
 * joined freely, a table that is not large yet would be read whole.
 */
function withFacts(page: Prisma.Sql): Promise<Found[]> {
  const now = new Date();
  return db.$queryRaw<Found[]>`
    SELECT u.id, u.name, u.email, u.image, u."createdAt", u."disabledAt", u."adminSince", page.key,
      COALESCE(to_jsonb(page) ->> 'keyId', u.id::text) AS "keyId", accounts.*, live.sessions
    FROM (SELECT row_number() OVER () AS place, found.* FROM (${page}) found) page
    CROSS JOIN LATERAL (SELECT * FROM "User" WHERE "User".id = page.id LIMIT 1) u
    CROSS JOIN LATERAL (
      SELECT max("lastSignInAt") AS "lastSignInAt", COALESCE(array_agg(DISTINCT provider), '{}') AS providers
      FROM "Account" WHERE "userId" = u.id) accounts
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS sessions FROM (
        SELECT 1 FROM "Session" s WHERE s."userId" = u.id AND s."endedAt" IS NULL
          AND s."idleExpiresAt" > ${now} AND s.expires > ${now} ${limit(mostCounted)}) s) live
    ORDER BY page.place`;
}

function pageOf(found: Found[], most: number, cursorOf: (last: Found) => Cursor): UserPage {
  const shown = found.slice(0, most);
  const last = shown.at(-1);
  return { users: shown.map(listed), next: found.length > most && last ? writeCursor(cursorOf(last)) : null };
}

function listed({ key: _, keyId: __, ...user }: Found): ListedUser {
  return user;
}
