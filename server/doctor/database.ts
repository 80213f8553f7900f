import "server-only";
import pg from "pg";
import { expectedIndexes, expectedMigrations } from "@/prisma/generated/expected";
import { fitForLog } from "../http/log";
import { env } from "../settings/env";
import { examineClaims } from "./claims";
import { type Finding, found } from "./findings";
import { examineSigningKeys } from "./signing-keys";
import { examineUpkeep } from "./upkeep";
import { examineVaultKeys } from "./vault-keys";

const connectMs = 3_000;
const queryMs = 4_000;
// The server gives up first: its transaction can go on then.
const statementMs = 3_000;
// Rate limits and logout count by both clocks.
const mostSecondsApart = 5;

/** A question to the database, within a transaction that cannot write. */
export type Ask = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

/**
 * Whether the database is there, as this version needs it, and what it knows of the rest.
 *
 * @param directUrl `DIRECT_URL`, where the caller knows it; undefined where it does not
 */
export async function examineDatabase(directUrl?: string | null): Promise<Finding[]> {
  const { databaseUrl } = env();
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
  });
  // Without a listener a connection that is cut would end the process; the next question reports it.
  client.on("error", () => {});
  const begun = Date.now();
  try {
    await client.connect();
    const ask: Ask = async (sql, values = []) => (await client.query(sql, values)).rows;
    await ask("BEGIN READ ONLY");
    const schema = new URL(databaseUrl).searchParams.get("schema") ?? "public";
    await ask("SELECT set_config('search_path', $1, true)", [pg.escapeIdentifier(schema)]);
    await ask("SELECT set_config('statement_timeout', $1, true)", [String(statementMs)]);
    // Nothing was written, and the end of the connection ends the transaction.
    return await look(ask, { client, schema, begun, directUrl });
  } catch (error) {
    return [failure(error)];
  } finally {
    await client.end().catch(() => {});
  }
}

interface Connection {
  client: pg.Client;
  schema: string;
  begun: number;
  directUrl: string | null | undefined;
}

async function look(ask: Ask, { client, schema, begun, directUrl }: Connection): Promise<Finding[]> {
  const asked = Date.now();
  const [server] = await ask<{ version: string; zone: string; now: Date; pid: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('TimeZone') AS zone,
       clock_timestamp() AS now, pg_backend_pid() AS pid`,
  );
  if (!server) throw new Error("no row");
  const version = server.version.split(" ", 1)[0] ?? "";
  // A pooler answers with a number of its own where PostgreSQL names its process.
  const isPooled = (client as pg.Client & { processID?: number }).processID !== server.pid;
  const pooled = directUrl === null ? "databasePooledOnly" : "databasePooled";
  const seconds = Math.round(Math.abs(server.now.getTime() - (asked + Date.now()) / 2) / 1000);
  const clock = { seconds, zone: server.zone };
  const migrations = await examineMigrations(ask, schema);
  const isComplete = migrations.every(({ verdict }) => verdict === "ok");
  return [
    found("databaseReached", { version, milliseconds: asked - begun }),
    found(isPooled ? pooled : "databaseDirect"),
    ...migrations,
    found(seconds > mostSecondsApart ? "databaseClockOff" : "databaseClockRight", clock),
    // What asks tables that are not there would only say the same again.
    ...(isComplete
      ? [
          ...(await examineIndexes(ask, schema)),
          ...(await byItself(ask, "keysUntold", examineVaultKeys)),
          ...(await byItself(ask, "keysUntold", examineSigningKeys)),
          ...(await byItself(ask, "claimsUntold", examineClaims)),
          ...(await byItself(ask, "cleanUpUntold", examineUpkeep)),
        ]
      : []),
  ];
}

/** What reads users' rows may take too long, or fail: the other findings stand. */
async function byItself(
  ask: Ask,
  untold: "keysUntold" | "claimsUntold" | "cleanUpUntold",
  examine: (ask: Ask) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    await ask("SAVEPOINT own");
    return await examine(ask);
  } catch (error) {
    await ask("ROLLBACK TO SAVEPOINT own").catch(() => {});
    return [found(untold, { reason: reasonIn(error) })];
  }
}

async function examineMigrations(ask: Ask, schema: string): Promise<Finding[]> {
  const [ledger] = await ask<{ name: string | null }>("SELECT to_regclass($1)::text AS name", [
    `${pg.escapeIdentifier(schema)}._prisma_migrations`,
  ]);
  const rows = ledger?.name
    ? await ask<{ migration_name: string; checksum: string; finished_at: Date | null }>(
        "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
      )
    : [];
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished) return [found("migrationUnfinished", { name: fitForLog(unfinished.migration_name) })];
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const missing = expectedMigrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  if (missing.length > 0) return [found("migrationsMissing", { count: missing.length, names: missing.join(", ") })];
  const changed = expectedMigrations.find(({ name, checksums }) => !checksums.includes(applied.get(name) ?? ""));
  return [
    changed
      ? found("migrationChanged", { name: changed.name })
      : found("migrationsApplied", { count: expectedMigrations.length }),
  ];
}

async function examineIndexes(ask: Ask, schema: string): Promise<Finding[]> {
  const rows = await ask<{ name: string }>(
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND i.indisvalid`,
    [schema],
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = expectedIndexes.filter((name) => !there.has(name));
  return [
    missing.length > 0
      ? found("indexesMissing", { names: missing.join(", ") })
      : found("indexesThere", { count: expectedIndexes.length }),
  ];
}

function failure(error: unknown): Finding {
  const { code } = error as { code?: unknown };
  if (code === "28P01" || code === "28000") return found("databaseRefused", { code });
  if (code === "3D000") return found("databaseAbsent");
  return found("databaseAway", { reason: reasonIn(error) });
}

function reasonIn(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : fitForLog(String(message));
}
