import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@/prisma/generated/client";
import { env } from "../env";
import { createQuestions, createTurns } from "./turns";

// A dead database must be answered for within ten seconds: at most three to get a connection, then four and a half for a
// statement. In a transaction the statement's failure is followed by a rollback that may hang as long.
// PostgreSQL gives up first, so that it stops working too; the client's own limit is for a server that no longer speaks.
const limits = {
  max: 10,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 4_000,
  query_timeout: 4_500,
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
  // @prisma/adapter-pg writes times without a zone and reads them without theirs: right only where the zone is UTC.
  url.searchParams.set("options", `${url.searchParams.get("options") ?? ""} -c TimeZone=UTC`.trim());
  const schema = url.searchParams.get("schema");
  const adapter = new PrismaPg(
    { ...limits, connectionString: url.href },
    { ...(schema && { schema }), onPoolError: warn, onConnectionError: warn },
  );
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 2_500, timeout: 4_000 } });
}

// A server that goes away takes its idle connections along. Without a listener that would end the process.
function warn(error: Error): void {
  console.warn(JSON.stringify({ level: "warn", event: "database.connection_lost", message: error.message }));
}

// On globalThis, because a bundle may hold this module more than once, and hot reload loads it again and again.
const held = globalThis as typeof globalThis & {
  daemunDatabase?: PrismaClient;
  daemunTurns?: ReturnType<typeof createTurns>;
  daemunQuestions?: ReturnType<typeof createQuestions>;
};

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

/**
 * Runs a transaction when its turn comes. A few connections stay free of them, so that pages are answered while a crowd
 * signs in; and those who wait are not told after two seconds that the database is away.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  held.daemunTurns ??= createTurns(limits.max - 3, 6_000);
  return held.daemunTurns(work);
}

/**
 * Asks the database what every request asks, when its turn comes: a crowd waits for each other, and whoever asks the same
 * as somebody who still waits is answered together with them.
 *
 * @param name what is asked, to the letter, with everything that the answer depends on
 */
export function askInTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  held.daemunQuestions ??= createQuestions(limits.max - 2, 4_000);
  return held.daemunQuestions(name, work);
}
