import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Statement } from "./statements";

/** The tables that grow with people and sessions. Of the audit trail it is the partition that the bench fills. */
const growing = ["User", "Account", "Session", "Grant", "AccessToken", "AuditEvent_before"];

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  /** Of an insertion: the unique index that notices a row that is there already. */
  "Conflict Arbiter Indexes"?: string[];
  Plans?: PlanNode[];
}

/** The indexes that PostgreSQL would answer these statements by, in order, and what is wrong with its plans. */
export interface Plans {
  indexes: string[];
  faults: string[];
}

/**
 * Asks PostgreSQL how it carries out these statements: with these parameters, and with whatever parameters, as it plans
 * a prepared statement that has been run often. They are not carried out.
 */
export async function explain(client: pg.Client, statements: readonly Statement[]): Promise<Plans> {
  const indexes = new Set<string>();
  const faults = new Set<string>();
  for (const { text, values } of statements) {
    if (!/^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) continue;
    const asked = [
      { text: `EXPLAIN (FORMAT JSON) ${text}`, values },
      { text: `EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${text}`, values: [] },
    ];
    for (const statement of asked) {
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(statement);
      for (const { node, isLimited } of nodesOf(rows[0]?.["QUERY PLAN"][0].Plan)) {
        if (node["Index Name"]) indexes.add(node["Index Name"]);
        for (const index of node["Conflict Arbiter Indexes"] ?? []) indexes.add(index);
        const fault = faultOf(node, isLimited);
        if (fault) faults.add(`${fault}: ${text.replace(/\s+/g, " ").trim().slice(0, 300)}`);
      }
    }
  }
  return { indexes: [...indexes], faults: [...faults] };
}

function faultOf(node: PlanNode, isLimited: boolean): string | null {
  const table = node["Relation Name"];
  if (node["Node Type"] === "Seq Scan" && table && growing.includes(table)) return `reads all of ${table}`;
  // Walking along an index from end to end is as long a way, but for its first steps.
  if (node["Index Name"] && !node["Index Cond"] && !isLimited) return `reads all of the index ${node["Index Name"]}`;
  return null;
}

// Nothing above these stops before what is below them has come to its end.
const thorough = /^(?:Sort|Aggregate|Hash|Bitmap|BitmapAnd|BitmapOr)/;

/** Every node, and whether something above it stops as soon as it has enough. */
function* nodesOf(node: PlanNode | undefined, isBelowLimit = false): Generator<{ node: PlanNode; isLimited: boolean }> {
  if (!node) return;
  yield { node, isLimited: isBelowLimit };
  const type = node["Node Type"];
  const isLimited = type === "Limit" || (isBelowLimit && !thorough.test(type));
  for (const child of node.Plans ?? []) yield* nodesOf(child, isLimited);
}

/**
 * How often PostgreSQL has read each of those tables from end to end, cascades of deletions included. Waits until this
 * is the only connection to the database: what others did is told when they end.
 */
export async function countScans(client: pg.Client): Promise<Map<string, number>> {
  for (const deadline = Date.now() + 10_000; !(await isAlone(client)); await sleep(50)) {
    if (Date.now() > deadline) throw new Error("Somebody else is connected to the database of the bench.");
  }
  const { rows } = await client.query<{ relname: string; seq_scan: string }>(
    "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY ($1)",
    [growing],
  );
  return new Map(rows.map(({ relname, seq_scan }) => [relname, Number(seq_scan)]));
}

async function isAlone(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return rowCount === 0;
}
