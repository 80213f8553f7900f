import "server-only";
import type { Socket } from "node:net";
import pg from "pg";
import { deadlineIn, onDeadline } from "../http/deadline";

// A dead database must be answered for within ten seconds: at most three to get a connection, then four for a statement.
const statementMs = 4_000;

/** What a connection is told, all of it kept by this side: poolers refuse connections that begin with limits. */
export const connectionLimits = { connectionTimeoutMillis: 3_000, idleTimeoutMillis: 60_000, keepAlive: true };

// PostgreSQL gives up first, so that it stops working too. SET LOCAL ends with its transaction: behind a pooler, the
// connection is somebody else's next. See docs/decisions/0039.
const begin = `BEGIN; SET LOCAL statement_timeout = ${statementMs - 300}; SET LOCAL idle_in_transaction_session_timeout = 10000`;

/**
 * A connection that is closed when a statement gets no answer in time. The driver's own limit would keep it, and forget
 * what it still had to send, a ROLLBACK too: what is written next would be part of a transaction that nobody commits.
 */
export class LimitedClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: node-postgres overloads this eight times; only one has `text`.
  override query(config: any, ...rest: any[]): any {
    const asked = config?.text === "BEGIN" ? { ...config, text: begin } : config;
    const done = onDeadline(deadlineIn(statementMs), () => this.#close());
    const at = rest.findIndex((argument) => typeof argument === "function");
    if (at >= 0) {
      const callback = rest[at];
      rest[at] = (...outcome: unknown[]) => {
        done();
        callback(...outcome);
      };
      return super.query(asked, ...rest);
    }
    const answer = super.query(asked, ...rest) as unknown as Promise<unknown>;
    answer.then(done, done);
    return answer;
  }

  #close(): void {
    const { stream } = (this as unknown as { connection: { stream: Socket } }).connection;
    stream.destroy(new Error("Query read timeout"));
  }
}
