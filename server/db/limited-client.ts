import "server-only";
import pg from "pg";

// A dead database must be answered for within ten seconds: at most three to get a connection, then four for a
// statement. In a transaction the statement's failure is followed by a rollback that may hang as long.
const statementMs = 4_000;

/** What a connection is told, all of it kept by this side: poolers refuse connections that begin with limits. */
export const connectionLimits = { connectionTimeoutMillis: 3_000, query_timeout: statementMs, keepAlive: true };

// PostgreSQL gives up first, so that it stops working too. SET LOCAL ends with its transaction: behind a pooler, the
// connection is somebody else's next. See docs/decisions/0039.
const begin = `BEGIN; SET LOCAL statement_timeout = ${statementMs - 300}; SET LOCAL idle_in_transaction_session_timeout = 10000`;

/** A connection whose transactions have limits of time at the server too. */
export class LimitedClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: node-postgres overloads this eight times; only one has `text`.
  override query(config: any, ...rest: any[]): any {
    return super.query(config?.text === "BEGIN" ? { ...config, text: begin } : config, ...rest);
  }
}
