import pg from "pg";
import { readDatabaseAddress } from "./database-address";

// The lock that Prisma's own engine takes, so that `prisma migrate deploy` and this never run at the same time. Here it ends
// with its transaction: behind a pooler, what a session holds is left to whoever has that connection next.
const lockId = 72707369;

export interface TransactionOptions {
  databaseUrl: string;
  lockTimeoutMs: number;
}

/** Runs `act` in a transaction that has the lock, in the address's schema and without limits of time. */
export async function transact<T>(
  client: pg.Client,
  { databaseUrl, lockTimeoutMs }: TransactionOptions,
  act: () => Promise<T>,
): Promise<T> {
  const schema = pg.escapeIdentifier(readDatabaseAddress(databaseUrl).schema ?? "public");
  await client.query("BEGIN");
  try {
    await client.query("SELECT set_config('search_path', $1, true)", [schema]);
    await client.query("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0");
    await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    await client.query(`SELECT pg_advisory_xact_lock(${lockId})`).catch(explainLock);
    await client.query("SET LOCAL lock_timeout = 0");
    const result = await act();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

function explainLock(cause: Error & { code?: string }): never {
  if (cause.code !== "55P03") throw cause;
  throw new Error(
    `Another migration holds the lock (advisory lock ${lockId}). If none is running, a tool has left it behind through a pooler: end the connection that has it (pg_locks says which), and set DIRECT_URL to the address without the pooler.`,
    { cause },
  );
}

/** Calls `act` with a connection, and closes it afterwards. */
export async function withConnection<T>(databaseUrl: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const { connectionString } = readDatabaseAddress(databaseUrl);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  // Without a listener a connection that is cut between two statements would end the process; the next one reports it.
  client.on("error", () => {});
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
