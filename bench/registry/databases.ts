import { rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { clearLeftoverPostgres, createDatabase, startPostgres } from "@/dev/postgres/postgres";
import { findServerUser } from "@/dev/postgres/postgres-binaries";
import { chooseDataDirectory } from "@/dev/postgres/postgres-cluster";
import { findFreePort } from "@/dev/process/ports";
import { root } from "@/dev/run/build";
import { migrate } from "@/prisma/migrate";
import { seed } from "./seed";

// For millions of rows a server has memory at least for its indexes, and those are in it while it is at work. What is
// measured is the way to a row, not how fast a disk is when nothing has been read yet.
const memory = "1536MB";
const warmUp = `
  CREATE EXTENSION pg_prewarm;
  SELECT pg_prewarm(oid) FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace`;

/** A PostgreSQL of the bench's own. */
export interface Server {
  /** The address of its first database. */
  url: string;
  /** Makes a database with so many people in it, two sessions each, and answers with its URL. */
  fill(users: number): Promise<string>;
  /** Ends it and takes its gigabytes away. */
  end(): Promise<void>;
}

/**
 * Starts an empty one, without what a bench that was killed may have left. It need not live through a power cut.
 *
 * @param bench whose it is
 * @param settings of the server, besides those that it is always given
 */
export async function startServer(bench: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  const wanted = join(root, ".data/bench", bench, "postgres");
  await clearLeftoverPostgres(wanted);
  const dataDir = chooseDataDirectory(wanted, findServerUser());
  const clear = () => {
    for (const path of [dataDir, `${dataDir}.password`]) rmSync(path, { recursive: true, force: true });
  };
  clear();
  const options = { dataDir: wanted, port: await findFreePort(), durable: false, settings };
  const first = await startPostgres(options);
  await ask(first.url, `ALTER SYSTEM SET shared_buffers = '${memory}'`);
  await first.stop();
  const postgres = await startPostgres(options);
  return {
    url: postgres.url,
    async fill(users) {
      const url = await createDatabase(postgres.url, `people_${users}`);
      await migrate(url);
      await seed(url, users);
      await ask(url, warmUp);
      return url;
    },
    async end() {
      await postgres.stop();
      clear();
    },
  };
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
