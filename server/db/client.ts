import "server-only";
import { readDatabaseAddress } from "@/prisma/database-address";
import { PrismaClient } from "@/prisma/generated/client";
import { log } from "../http/log";
import { env } from "../settings/env";
import { connectionLimits } from "./limited-client";
import { QueuedPg, queueLimits } from "./queued-pg";
import { createQueue } from "./semaphore";
import { createSharedReads } from "./shared-reads";

/**
 * Builds a client for a database. It connects when it is first asked something.
 *
 * @param databaseUrl a `postgresql://` address; its parameter `schema` names the schema, as Prisma's own tools read it
 * @param max how many connections it may have
 */
export function createDatabaseClient(databaseUrl: string, max = 10): PrismaClient {
  const { connectionString, schema } = readDatabaseAddress(databaseUrl);
  const adapter = new QueuedPg(
    { ...connectionLimits, max, connectionString },
    { ...(schema && { schema }), onPoolError: warn, onConnectionError: warn },
  );
  // The statements' own limits end a transaction of a database that is away, and the queue says how long one waits for a
  // connection. These only end what goes on and on: on a busy machine each of ten statements may wait for the processor.
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 30_000, timeout: 8_000 } });
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

/**
 * Two connections stay free of reads that many share, and two more of transactions, so that pages are answered; of few
 * connections, one and one.
 */
function createPermits(max: number) {
  const free = max < 6 ? 1 : 2;
  return {
    // Ten seconds, with what else a request takes.
    read: createSharedReads({ ...queueLimits, atOnce: max - free, answerWithinMs: 9_500 }),
    transact: createQueue({ ...queueLimits, atOnce: Math.max(1, max - 2 * free), stalledMs: 6_000 }).run,
  };
}

function client(): PrismaClient {
  if (!held.daemunDatabase) {
    const { databaseUrl, databasePoolMax } = env();
    held.daemunDatabase = createDatabaseClient(databaseUrl, databasePoolMax);
  }
  return held.daemunDatabase;
}

function permits() {
  held.daemunPermits ??= createPermits(env().databasePoolMax ?? 10);
  return held.daemunPermits;
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

/** Ends the connections of a process that is done. One that has asked nothing has none. */
export async function closeDatabase(): Promise<void> {
  await held.daemunDatabase?.$disconnect();
}

/** Runs a transaction when its turn comes, so that a crowd that signs in waits for each other and not for a timeout. */
export function withPermit<T>(work: () => Promise<T>): Promise<T> {
  return permits().transact(work);
}

/**
 * Asks the database what every request asks, when its turn comes: a crowd waits for each other, and whoever asks the same
 * as somebody who still waits is answered together with them.
 *
 * @param name what is asked, to the letter, with everything that the answer depends on
 */
export function readShared<T>(name: string, work: () => Promise<T>): Promise<T> {
  return permits().read(name, work);
}
