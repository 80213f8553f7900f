import pg from "pg";

let connection: Promise<pg.Client> | undefined;

/**
 * A connection of this process beside the app's, for what is not timed. It scans no table, so that whatever scans
 * PostgreSQL has counted in the end are the app's.
 */
export function connectAside(): Promise<pg.Client> {
  connection ??= (async () => {
    const client = new pg.Client({
      connectionString: process.env.DATABASE_URL,
      options: "-c TimeZone=UTC -c enable_seqscan=off",
    });
    await client.connect();
    return client;
  })();
  return connection;
}

/** Ends that connection. */
export async function disconnectAside(): Promise<void> {
  await (await connection)?.end();
}
