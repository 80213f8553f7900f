import "server-only";
import { PrismaClient } from "@/prisma/generated/client";
import { log } from "../http/log";
import { env } from "../settings/env";
import { createSemaphore, createSharedReads } from "./semaphore";
import { isDatabaseUnavailable } from "./unavailable";
import { ZonedPg } from "./zoned-times";

// A dead database must be answered for within ten seconds: at most three to get a connection, then four for a
// statement. In a transaction the statement's failure is followed by a rollback that may hang as long.
// PostgreSQL gives up first, so that it stops working too; the client's own limit is for a server that no longer speaks.
const limits = {
  max: 10,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 3_700,
  query_timeout: 4_000,
  idle_in_transaction_session_timeout: 10_000,
  keepAlive: true,
};

/**
 * Builds a client for a database. It connects when it is first asked something.
 *
 * @param databaseUrl a `postgresql://` address; its parameter `schema` names the schema, as Prisma's own tools read it
 */
export function createDatabaseClient(databaseUrl: string): PrismaClient {
  const url = new URL(databaseUrl);
  const schema = url.searchParams.get("schema");
  const adapter = new ZonedPg(
    { ...limits, connectionString: url.href },
    { ...(schema && { schema }), onPoolError: warn, onConnectionError: warn },
  );
  // The statements' own limits end a transaction of a database that is away. This one only ends what goes on and on: on a
  // busy machine each of ten statements may wait for the processor.
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 3_000, timeout: 8_000 } });
}

// A server that goes away takes its idle connections along. Without a listener that would end the process.
function warn(error: Error): void {
  log.warn("database.connection_lost", { cause: error.message });
}

// On globalThis, because a bundle may hold this module more than once, and hot reload loads it again and again.
const held = globalThis as typeof globalThis & {
  daemunDatabase?: PrismaClient;
  daemunPermits?: ReturnType<typeof createPermits>;
};

/** Two connections stay free for what asks without waiting, and two more of transactions, so that pages are answered. */
function createPermits() {
  const queue = { maxWaiting: 2_000, isCommon: isDatabaseUnavailable };
  const pool = createSemaphore({ ...queue, atOnce: limits.max - 2, stalledMs: 5_500 });
  const reads = createSharedReads({ ...queue, atOnce: limits.max - 2, stalledMs: 5_500 });
  const transactions = createSemaphore({ ...queue, atOnce: limits.max - 4, stalledMs: 6_000 });
  return {
    read: <T>(name: string, work: () => Promise<T>) => reads(name, () => pool(work)),
    transact: <T>(work: () => Promise<T>) => transactions(() => pool(work)),
  };
}

function client(): PrismaClient {
  held.daemunDatabase ??= createDatabaseClient(env().databaseUrl);
  return held.daemunDatabase;
}

/** The database. One client and one pool a process, built at the first use: a build imports this without a database. */
export const db: PrismaClient = new Proxy({} as PrismaClient, {
  get(_, property) {
    const target = client();
    const value: unknown = Reflect.get(target, property, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
  has: (_, property) => Reflect.has(client(), property),
});

/** Runs a transaction when its turn comes, so that a crowd that signs in waits for each other and not for a timeout. */
export function withPermit<T>(work: () => Promise<T>): Promise<T> {
  held.daemunPermits ??= createPermits();
  return held.daemunPermits.transact(work);
}

/**
 * Asks the database what every request asks, when its turn comes: a crowd waits for each other, and whoever asks the same
 * as somebody who still waits is answered together with them.
 *
 * @param name what is asked, to the letter, with everything that the answer depends on
 */
export function readShared<T>(name: string, work: () => Promise<T>): Promise<T> {
  held.daemunPermits ??= createPermits();
  return held.daemunPermits.read(name, work);
}
