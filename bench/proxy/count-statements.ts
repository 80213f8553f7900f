import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

// Ten seconds after its last statement, a connection that is idle has told PostgreSQL of all of them.
const settleMs = 11_000;

/** How many transactions others commit on a database while `act` runs. Whoever opens none commits each statement. */
export async function countStatements(databaseUrl: string, act: () => Promise<void>): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const read = async () => {
    await sleep(settleMs);
    const { rows } = await client.query<{ count: string }>(
      "SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()",
    );
    return Number(rows[0]?.count);
  };
  try {
    const before = await read();
    await act();
    return (await read()) - before;
  } finally {
    await client.end();
  }
}
