import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { type AuditFilter, conditionsOf } from "./audit-filter";
import { parseTimeCursor, writeCursor } from "./cursor";
import { limit } from "./limit";

/** A row of the audit trail. */
export interface AuditRow {
  /** A whole number, as text: it may be past what JSON's numbers hold. */
  id: string;
  at: Date;
  event: string;
  outcome: string;
  reason: string | null;
  userId: string | null;
  sessionHash: string | null;
  provider: string | null;
  issuer: string | null;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  detail: Record<string, unknown>;
}

export interface AuditPage {
  /** The newest first. */
  rows: AuditRow[];
  /** Where older rows begin; null at the end. */
  older: string | null;
  /** Where newer ones begin, some or none yet; null where nothing was found. */
  newer: string | null;
  /** Whether the look at older rows stopped after {@link mostLooked} of them, so that fewer were found than there may be. */
  isCut: boolean;
}

/** A page looks at no more rows than these, whatever the filters leave of them. */
export const mostLooked = 1_000;

/** A row that fits, or nulls where none does; how many were looked at, and the last of them. */
interface LookedAt extends AuditRow {
  looked: number;
  last: string;
  lastAt: Date;
}

const idForm = /^\d{1,19}$/;

const columns = Prisma.sql`
  id::text, at, event, outcome, reason, "userId", "sessionHash", provider, issuer, ip, "userAgent", "requestId", detail`;

/**
 * A page of the audit trail, by an index of user, event or time. What that index does not tell is looked for in
 * {@link mostLooked} rows at a time: a filter that little fits must not read a table of years.
 *
 * @param before where rows older than a page of before begin, and `after` where newer ones do
 */
export async function listAudit(
  filter: AuditFilter,
  { before, after, most = 50 }: { before?: string | undefined; after?: string | undefined; most?: number } = {},
): Promise<AuditPage> {
  const newerThan = parseTimeCursor(after, idForm);
  const olderThan = newerThan ? null : parseTimeCursor(before, idForm);
  const { indexed, rest } = conditionsOf(filter);
  const start = newerThan ?? olderThan;
  const beyond = start
    ? Prisma.sql`AND (at, id) ${Prisma.raw(newerThan ? ">" : "<")} (${start.at}, ${start.id}::bigint)`
    : Prisma.empty;
  const order = Prisma.raw(newerThan ? "ASC" : "DESC");
  const window = rest === null ? most + 1 : mostLooked;
  const looked = Prisma.sql`
    SELECT * FROM "AuditEvent" WHERE ${indexed} ${beyond} ORDER BY at ${order}, id ${order} ${limit(window)}`;
  const found = await db.$queryRaw<LookedAt[]>`
    WITH looked AS MATERIALIZED (${looked}),
      edge AS (SELECT id AS last, at AS "lastAt" FROM looked ORDER BY at ${Prisma.raw(newerThan ? "DESC" : "ASC")},
        id ${Prisma.raw(newerThan ? "DESC" : "ASC")} LIMIT 1)
    SELECT wanted.*, (SELECT count(*)::int FROM looked) AS looked, edge.last::text, edge."lastAt" FROM edge LEFT JOIN LATERAL (
      SELECT ${columns} FROM looked WHERE ${rest ?? Prisma.sql`true`}
      ORDER BY at ${order}, looked.id ${order} ${limit(most + 1)}
    ) wanted ON true`;
  const rows = found.filter(({ id }) => id !== null);
  const hasMore = rows.length > most;
  const shown = rows.slice(0, most).map(({ looked: _, last: __, lastAt: ___, ...row }) => row);
  if (newerThan) shown.reverse();
  const isCut = !hasMore && rest !== null && (found[0]?.looked ?? 0) === mostLooked;
  const edge = found[0] && isCut ? writeCursor({ key: found[0].lastAt.toISOString(), id: found[0].last }) : null;
  const [newest, oldest] = [shown[0], shown.at(-1)];
  if (newerThan) {
    return {
      rows: shown,
      isCut,
      newer: edge ?? cursorOf(newest) ?? after ?? null,
      older: cursorOf(oldest) ?? after ?? null,
    };
  }
  return { rows: shown, isCut, newer: cursorOf(newest) ?? before ?? null, older: hasMore ? cursorOf(oldest) : edge };
}

function cursorOf(row: AuditRow | undefined): string | null {
  return row ? writeCursor({ key: row.at.toISOString(), id: row.id }) : null;
}

/**
 * Rows of the audit trail in the order in which they came, batch by batch, until `to`. Like a page, a statement looks at no more
 * rows than a batch, whatever the filters leave of them: a batch may be empty.
 */
export async function* readAudit(filter: AuditFilter & { to: Date }, batch = mostLooked): AsyncGenerator<AuditRow[]> {
  const { indexed, rest } = conditionsOf(filter);
  let last: { at: Date; id: string } | undefined;
  for (;;) {
    const beyond = last ? Prisma.sql`AND (at, id) > (${last.at}, ${last.id}::bigint)` : Prisma.empty;
    const found = await db.$queryRaw<LookedAt[]>`
      WITH looked AS MATERIALIZED (
          SELECT * FROM "AuditEvent" WHERE ${indexed} ${beyond} ORDER BY at, id ${limit(batch)}),
        edge AS (SELECT id AS last, at AS "lastAt" FROM looked ORDER BY at DESC, id DESC LIMIT 1)
      SELECT wanted.*, (SELECT count(*)::int FROM looked) AS looked, edge.last::text, edge."lastAt" FROM edge LEFT JOIN LATERAL (
        SELECT ${columns} FROM looked WHERE ${rest ?? Prisma.sql`true`} ORDER BY at, looked.id
      ) wanted ON true`;
    yield found.flatMap(({ looked: _, last: __, lastAt: ___, ...row }) => (row.id === null ? [] : [row]));
    const [first] = found;
    if (!first || first.looked < batch) return;
    last = { at: first.lastAt, id: first.last };
  }
}
