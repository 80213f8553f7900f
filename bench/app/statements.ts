import pg from "pg";

/** What an app asked of its database: one kind of statement, its values left out. */
export interface Statement {
  text: string;
  calls: number;
  /** Milliseconds within PostgreSQL, planning left out. */
  meanMs: number;
}

export interface StatementCounter {
  /** What was asked of a database while `act` ran, the most frequent first. `BEGIN` and `COMMIT` are among it. */
  during(databaseUrl: string, act: () => Promise<unknown>): Promise<Statement[]>;
  end(): Promise<void>;
}

/** The server's setting without which it counts no statements. */
export const countingSettings = { shared_preload_libraries: "pg_stat_statements" };

/**
 * Counts by `pg_stat_statements`, from a connection to another database than those that are counted.
 *
 * @param serverUrl of a server that was started with `countingSettings`
 */
export async function openStatementCounter(serverUrl: string): Promise<StatementCounter> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  return {
    async during(databaseUrl, act) {
      await client.query("SELECT pg_stat_statements_reset()");
      await act();
      const { rows } = await client.query<Statement>(
        `SELECT query AS text, sum(calls)::int AS calls, sum(total_exec_time) / sum(calls) AS "meanMs"
           FROM pg_stat_statements JOIN pg_database ON oid = dbid
          WHERE datname = $1 GROUP BY query ORDER BY calls DESC, text`,
        [decodeURIComponent(new URL(databaseUrl).pathname.slice(1))],
      );
      return rows;
    },
    end: () => client.end(),
  };
}

/** How many there were in all, for each of so many requests. */
export function statementsEach(statements: readonly Statement[], requests: number): number {
  return statements.reduce((sum, { calls }) => sum + calls, 0) / requests;
}

/** Prints what was asked, a request's share and what one took within PostgreSQL. What came once in a long while is left out. */
export function printStatements(statements: readonly Statement[], requests: number): void {
  for (const { text, calls, meanMs } of statements) {
    if (calls / requests < 0.02) continue;
    const short = text.replace(/\s+/g, " ").slice(0, 160);
    console.log(`    ${(calls / requests).toFixed(2).padStart(6)} times, ${meanMs.toFixed(3)} ms each: ${short}`);
  }
}
