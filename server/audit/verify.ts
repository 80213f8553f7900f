import "server-only";
import { hashContent, hashSeal, hashStart, hex } from "./chain";
import { isErased, rowDigest } from "./digest";
import { type Fault, faultsOfRows, type PresentRow } from "./faults";
import { gapsSchema } from "./gaps";

/** Asks the database, in a transaction that sees one state of it. */
export type Ask = <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;

export interface Verification {
  /** What does not fit, the first thing first; at most {@link mostFaults}. */
  faults: Fault[];
  /** Rows that are in the chain and fit it. */
  sealed: number;
  /** Those of them whose user was deleted. */
  erased: number;
  /** Rows of before the chain: nothing is known of them. */
  before: number;
  /** Rows that are not sealed yet. */
  waiting: number;
  /** Months whose rows were deleted because their time was over, with what is left of their chain. */
  cut: { month: string; closing: string; cutAt: string }[];
  /** The newest seal, in the form of an anchor. */
  head: string | null;
}

const mostFaults = 100;
const sealsAtOnce = 50;

interface SealRow {
  number: number;
  after: string | null;
  prior: Buffer;
  count: number;
  ids: string[];
  digests: Buffer;
  content: Buffer;
  hash: Buffer;
  cutAt: Date | null;
}

interface State {
  since: bigint;
  upTo: bigint;
  /** SQL that says of a row whether the chain has passed it. */
  isPassed: string;
}

/**
 * Holds the audit trail against its chain: every row that was sealed is there as it was, in its place, and no other.
 *
 * @param anchors hashes that the log was told, as `2026-11/1234:<hash>`: the chain still has them
 */
export async function verifyAudit(ask: Ask, anchors: readonly string[] = []): Promise<Verification> {
  const state = await readState(ask);
  const result: Verification = { faults: [], sealed: 0, erased: 0, before: 0, waiting: 0, cut: [], head: null };
  const months = (await ask<{ month: string }>(`SELECT DISTINCT "month" FROM "AuditSeal" ORDER BY 1`)).map(
    (row) => row.month,
  );
  let newest = 0n;
  for (const month of months) {
    const last = await verifyMonth(ask, { month, state, result });
    if (last > newest) newest = last;
    if (result.faults.length >= mostFaults) return { ...result, faults: result.faults.slice(0, mostFaults) };
  }
  const strangers = await ask<{ id: string; month: string }>(
    `SELECT "id", ${monthOf} AS month FROM "AuditEvent" WHERE ${state.isPassed} AND ${monthOf} <> ALL ($1) ORDER BY "id" LIMIT ${mostFaults}`,
    [months],
  );
  for (const { id, month } of strangers) result.faults.push({ kind: "inserted", month, seal: null, id });
  if (state.upTo > state.since && newest !== state.upTo && result.cut.length === 0)
    result.faults.push({ kind: "seal_missing", month: months.at(-1) ?? "", seal: null, id: `${state.upTo}` });
  for (const anchor of anchors) if (!(await isInChain(ask, anchor))) result.faults.push(lacks(anchor));
  const [counts] = await ask<{ before: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE "id" <= $1)::int AS before, count(*) FILTER (WHERE "id" > $1 AND NOT ${state.isPassed})::int AS waiting
     FROM "AuditEvent" WHERE "id" <= $1 OR NOT ${state.isPassed}`,
    [`${state.since}`],
  );
  const [head] = await ask<{ month: string; number: number; hash: Buffer }>(
    `SELECT "month", "number", "hash" FROM "AuditSeal" ORDER BY "sealedAt" DESC, "month" DESC, "number" DESC LIMIT 1`,
  );
  return { ...result, ...counts, head: head ? `${head.month}/${head.number}:${hex(head.hash)}` : null };
}

const monthOf = `to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM')`;

async function readState(ask: Ask): Promise<State> {
  const [row] = await ask<{ since: string; upTo: string; gaps: unknown }>(
    `SELECT "since", "upTo", "gaps" FROM "AuditSealer"`,
  );
  if (!row) throw new Error("The table AuditSealer is empty: nobody can say from which row on the trail is sealed.");
  const gaps = gapsSchema.parse(row.gaps).map(({ from, to }) => `AND "id" NOT BETWEEN ${from} AND ${to}`);
  const isPassed = `("id" > ${BigInt(row.since)} AND "id" <= ${BigInt(row.upTo)} ${gaps.join(" ")})`;
  return { since: BigInt(row.since), upTo: BigInt(row.upTo), isPassed };
}

/** @returns the highest id that a seal of this month names */
async function verifyMonth(
  ask: Ask,
  { month, state, result }: { month: string; state: State; result: Verification },
): Promise<bigint> {
  const start = `${month}-01T00:00:00Z`;
  const next = new Date(start);
  next.setUTCMonth(next.getUTCMonth() + 1);
  const span = [start, next.toISOString()];
  let before: SealRow | null = null;
  let newest = 0n;
  let isAllCut = true;
  const faults: Fault[] = [];
  for (;;) {
    const seals: SealRow[] = await ask<SealRow>(
      `SELECT "number", "after", "prior", "count", "ids", "digests", "content", "hash", "cutAt" FROM "AuditSeal"
       WHERE "month" = $1 AND "number" > $2
         -- Where a month is being cut, what stood before its last seals may be gone or not.
         AND "number" >= coalesce((SELECT min("number") FROM "AuditSeal" WHERE "month" = $1 AND "cutAt" IS NOT NULL), 0)
       ORDER BY "number" LIMIT ${sealsAtOnce}`,
      [month, before?.number ?? 0],
    );
    const ids = seals.flatMap((seal) => seal.ids);
    const rows = await ask<PresentRow>(
      `SELECT "id", ${rowDigest.sql} AS digest, ${isErased.sql} AS erased FROM "AuditEvent"
       WHERE "id" = ANY ($1::bigint[]) AND "at" >= $2 AND "at" < $3`,
      [ids, ...span],
    );
    const present = new Map(rows.map((row) => [row.id, row]));
    for (const seal of seals) {
      faults.push(...(await faultsOfSeal(ask, month, seal, before, state.since)));
      const { fitting, erased, faults: found } = faultsOfRows(month, seal, present);
      faults.push(...found);
      result.sealed += fitting;
      result.erased += erased;
      isAllCut &&= seal.cutAt !== null;
      for (const id of seal.ids) if (BigInt(id) > newest) newest = BigInt(id);
      before = seal;
    }
    if (seals.length < sealsAtOnce || faults.length >= mostFaults) break;
  }
  if (before?.cutAt)
    result.cut.push({ month, closing: `${before.number}:${hex(before.hash)}`, cutAt: before.cutAt.toISOString() });
  if (!isAllCut) {
    const strangers = await ask<{ id: string }>(
      // Not by NOT EXISTS: PostgreSQL cannot know how many ids a seal has, and would compare each row with each of them.
      `SELECT "id" FROM "AuditEvent" WHERE "at" >= $2 AND "at" < $3 AND ${state.isPassed}
       EXCEPT SELECT unnest("ids") FROM "AuditSeal" WHERE "month" = $1
       ORDER BY 1 LIMIT ${mostFaults}`,
      [month, ...span],
    );
    faults.push(...strangers.map(({ id }): Fault => ({ kind: "inserted", month, seal: null, id })));
  }
  result.faults.push(...faults);
  return newest;
}

async function faultsOfSeal(
  ask: Ask,
  month: string,
  seal: SealRow,
  before: SealRow | null,
  since: bigint,
): Promise<Fault[]> {
  const { number, count, prior, content, hash } = seal;
  const at = { month, seal: number, id: null };
  if (before ? number !== before.number + 1 : number !== 1 && !seal.cutAt)
    return [{ kind: "seal_missing", ...at, seal: number - 1 }];
  const ids = seal.ids.map(BigInt);
  const isWhole = seal.cutAt !== null || (ids.length === count && hashContent(ids, seal.digests).equals(content));
  if (!isWhole || !hashSeal({ month, number, count, prior, content }).equals(hash))
    return [{ kind: "seal_changed", ...at }];
  if (before) return before.hash.equals(prior) ? [] : [{ kind: "seal_changed", ...at }];
  if (number > 1) return [];
  if (seal.after === null) return hashStart(since).equals(prior) ? [] : [{ kind: "seal_changed", ...at }];
  if (await isInChain(ask, `${seal.after}:${hex(prior)}`)) return [];
  const [earlier = "", earlierNumber] = seal.after.split("/");
  return [{ kind: "seal_missing", month: earlier, seal: Number(earlierNumber), id: null }];
}

async function isInChain(ask: Ask, anchor: string): Promise<boolean> {
  const [, month, number, hash] = /^(\d{4}-\d\d)\/(\d{1,9}):([\da-f]{64})$/.exec(anchor) ?? [];
  const found = await ask(
    `SELECT 1 FROM "AuditSeal" WHERE "month" = $1 AND "number" = $2 AND "hash" = decode($3, 'hex')`,
    [month, Number(number ?? 0), hash ?? ""],
  );
  return found.length > 0;
}

function lacks(anchor: string): Fault {
  return {
    kind: "anchor_missing",
    month: anchor.slice(0, 7),
    seal: Number(/\/(\d{1,9})/.exec(anchor)?.[1] ?? 0),
    id: null,
  };
}
