import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import pg from "pg";
import { readDatabaseAddress } from "./database-address";
import { loadCommandEnv } from "./load-env-files";
import { type TransactionOptions, transact, withConnection } from "./locked-transaction";

const ledgerTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

const messages = {
  MIGRATION_CHANGED: "was changed after it had been applied. Put the file back, and write a new migration instead.",
  MIGRATION_FAILED: "failed and was rolled back as a whole: nothing of it is in the database.",
  MIGRATION_UNFINISHED:
    "was begun by another tool and never finished. See what it did, then `npx prisma migrate resolve` it.",
} as const;

/** Why the database is not at the newest migration. The cause of `MIGRATION_FAILED` is what PostgreSQL said. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  constructor(
    readonly code: keyof typeof messages,
    readonly migration: string,
    options?: ErrorOptions,
  ) {
    const reason = options?.cause instanceof Error ? ` PostgreSQL says: ${options.cause.message}` : "";
    super(`Migration ${migration} ${messages[code]}${reason}`, options);
  }
}

interface Migration {
  name: string;
  sql: string;
}

const migrationsDirectory = join(dirname(fileURLToPath(import.meta.url)), "migrations");

/**
 * Brings a database to the newest migration: each in its own transaction, in the order of their names, under an
 * advisory lock. Where somebody holds a table that one needs, it is tried for two minutes. The ledger is Prisma's own, so that `prisma migrate deploy` can be used in turn.
 *
 * @param databaseUrl a `postgresql://` address, which may be a pooler's; its parameter `schema` names the schema, as Prisma
 *   reads it
 * @param lockTimeoutMs how long to wait for another runner
 * @returns the names of those applied now
 * @throws MigrationError when one fails, or the ledger does not fit the files; nothing is half applied
 */
export async function migrate(
  databaseUrl: string,
  directory = migrationsDirectory,
  lockTimeoutMs = 60_000,
): Promise<string[]> {
  const migrations = readMigrations(directory);
  const options = { databaseUrl, lockTimeoutMs };
  return withConnection(databaseUrl, async (client) => {
    const applied: string[] = [];
    await transact(client, options, () => client.query(ledgerTable));
    for (let next: string | null = ""; next !== null; ) {
      next = await applyNext(client, options, migrations);
      if (next !== null) applied.push(next);
    }
    return applied;
  });
}

/**
 * Empties the database and applies every migration from nothing.
 *
 * @throws Error in production, and for a database on another machine
 */
export async function reset(databaseUrl: string): Promise<string[]> {
  const { hostname, schema } = readDatabaseAddress(databaseUrl);
  if (process.env.NODE_ENV === "production") throw new Error("db:reset deletes everything: it refuses in production.");
  if (!/^(?:|localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
    throw new Error(`db:reset deletes everything: it refuses a database on another machine (${hostname}).`);
  }
  await withConnection(databaseUrl, (client) => {
    const name = pg.escapeIdentifier(schema ?? "public");
    return transact(client, { databaseUrl, lockTimeoutMs: 60_000 }, () =>
      client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}`),
    );
  });
  return migrate(databaseUrl);
}

/** The migrations of a folder, in the order in which they are applied. */
export function readMigrations(directory = migrationsDirectory): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(directory, name, "migration.sql"), "utf8") }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function checkLedger(client: pg.Client, migrations: Migration[]): Promise<Set<string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
  for (const row of rows) {
    if (row.finished_at === null) throw new MigrationError("MIGRATION_UNFINISHED", row.migration_name);
    // One that no file names was applied by a newer version of the app: going back to this one is allowed.
    const migration = migrations.find(({ name }) => name === row.migration_name);
    if (migration && !checksums(migration.sql).includes(row.checksum)) {
      throw new MigrationError("MIGRATION_CHANGED", row.migration_name);
    }
  }
  return new Set(rows.map((row) => row.migration_name));
}

/** Applies the first migration that the ledger lacks. Answers its name, or null where there is none. */
async function applyNext(client: pg.Client, options: TransactionOptions, migrations: Migration[]) {
  const startedAt = new Date();
  for (;;) {
    let begun: Migration | undefined;
    try {
      return await transact(client, options, async () => {
        const finished = await checkLedger(client, migrations);
        begun = migrations.find(({ name }) => !finished.has(name));
        if (!begun) return null;
        if (!begun.sql.includes("lock_timeout")) await client.query(`SET LOCAL lock_timeout = ${tableLockMs}`);
        await client.query(begun.sql);
        await note(client, begun, startedAt, { finished: true });
        return begun.name;
      });
    } catch (cause) {
      if (!begun) throw cause;
      const failed = begun;
      if (isInTheWay(cause) && Date.now() - startedAt.getTime() < tryForMs) {
        await sleep(tryPauseMs);
        continue;
      }
      // Left behind as evidence; a row that was rolled back stops neither tool from trying again. Where the connection is
      // lost, PostgreSQL rolls back by itself. What went wrong first is what to report.
      await transact(client, options, () => note(client, failed, startedAt, { logs: String(cause) })).catch(() => {});
      throw new MigrationError("MIGRATION_FAILED", failed.name, { cause });
    }
  }
}

// Whoever asks for a table waits behind a migration that waits for it, readers too: better to let them go first, and try the
// whole migration once more. One that says `lock_timeout` itself knows better.
const tableLockMs = 500;
const tryPauseMs = 500;
const tryForMs = 120_000;

/** 55P03 somebody held a table for too long, 40P01 they waited for each other: nothing of it is in the database. */
function isInTheWay(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "55P03" || error.code === "40P01");
}

async function note(
  client: pg.Client,
  { name, sql }: Migration,
  startedAt: Date,
  { finished = false, logs = null }: { finished?: boolean; logs?: string | null },
): Promise<void> {
  const at = new Date();
  await client.query(
    `INSERT INTO _prisma_migrations
       (id, checksum, migration_name, started_at, finished_at, rolled_back_at, logs, applied_steps_count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [randomUUID(), checksums(sql)[0], name, startedAt, finished ? at : null, finished ? null : at, logs, +finished],
  );
}

/** The file's checksum, then what it would be with the other line ends, which a checkout may have changed. */
export function checksums(sql: string): string[] {
  const unix = sql.replaceAll("\r\n", "\n");
  return [sql, unix, unix.replaceAll("\n", "\r\n")].map((text) => createHash("sha256").update(text).digest("hex"));
}

async function main(command: string | undefined): Promise<void> {
  loadCommandEnv();
  const url = process.env.DATABASE_URL;
  if (!url) {
    throw new Error("DATABASE_URL is missing. `npm run demo` and `npm run dev` migrate their own database themselves.");
  }
  const applied = command === "reset" ? await reset(url) : await migrate(url);
  console.log(applied.length > 0 ? `Applied: ${applied.join(", ")}` : "The database is up to date.");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv[2]).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
