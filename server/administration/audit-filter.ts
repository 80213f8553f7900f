import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { uuidForm } from "./cursor";
import { limit } from "./limit";

/** Which rows of the audit trail are wanted; all of what is said has to fit. */
export interface AuditFilter {
  event?: string | undefined;
  outcome?: "success" | "failure" | undefined;
  /** A user's id. */
  user?: string | undefined;
  from?: Date | undefined;
  /** Excluded. */
  to?: Date | undefined;
}

/** The fields of a filter as an address has them; `from` and `to` are days, or moments of ISO 8601. */
export const filterFields = ["event", "outcome", "user", "from", "to"] as const;

export type FilterFields = Partial<Record<(typeof filterFields)[number], string>>;

const dayForm = /^\d{4}-\d\d-\d\d$/;
const momentForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z$/;

/**
 * Reads a filter. Days are whole, by UTC, the last one included.
 *
 * @returns also which fields say what cannot be
 */
export function parseAuditFilter(fields: FilterFields): { filter: AuditFilter; wrong: (keyof FilterFields)[] } {
  const { event, user } = fields;
  const outcome = (["success", "failure"] as const).find((known) => known === fields.outcome);
  const [from, to] = [momentOf(fields.from), momentOf(fields.to)];
  const end = to && dayForm.test(fields.to ?? "") ? new Date(to.getTime() + 86_400_000) : to;
  const wrong = filterFields.filter(
    (name) => fields[name] !== undefined && { event, user, outcome, from, to: end }[name] === undefined,
  );
  return { filter: { event, outcome, user: user?.toLowerCase(), from, to: end }, wrong };
}

function momentOf(text: string | undefined): Date | undefined {
  if (text === undefined || !(dayForm.test(text) || momentForm.test(text))) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** What one index answers, and what has to be looked for in its rows; null for nothing. */
export function conditionsOf({ user, event, outcome, from, to }: AuditFilter): {
  indexed: Prisma.Sql;
  rest: Prisma.Sql | null;
} {
  const time = Prisma.sql`
    ${from ? Prisma.sql`AND at >= ${from}` : Prisma.empty} ${to ? Prisma.sql`AND at < ${to}` : Prisma.empty}`;
  const [first, ...others] = [
    // A user has the fewest rows. One that no user can have has none.
    ...(user === undefined ? [] : [uuidForm.test(user) ? Prisma.sql`"userId" = ${user}::uuid` : Prisma.sql`false`]),
    ...(event === undefined ? [] : [Prisma.sql`event = ${event}`]),
  ];
  const rest = [...others, ...(outcome === undefined ? [] : [Prisma.sql`outcome = ${outcome}`])];
  return {
    indexed: Prisma.sql`${first ?? Prisma.sql`true`} ${time}`,
    rest: rest.length > 0 ? Prisma.join(rest, " AND ") : null,
  };
}

const mostEvents = 100;

/** The events that the trail has: a step along the index for each. */
export async function listAuditEvents(): Promise<string[]> {
  const rows = await db.$queryRaw<{ event: string }[]>`
    WITH RECURSIVE events AS (
      (SELECT event FROM "AuditEvent" ORDER BY event LIMIT 1)
      UNION ALL
      SELECT later.event FROM events e CROSS JOIN LATERAL (
        SELECT event FROM "AuditEvent" WHERE event > e.event ORDER BY event LIMIT 1) later
    ) SELECT event FROM events ${limit(mostEvents)}`;
  return rows.map(({ event }) => event);
}
