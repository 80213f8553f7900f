import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Postgres, startPostgres } from "../../dev/postgres/postgres";
import { createTemplate } from "../../dev/postgres/test-database";
import { findFreePort } from "../../dev/process/ports";

export interface Replicated {
  /** Of the primary, which has the template of `createTemplate`. */
  url: string;
  /** Ends the primary as a machine that loses its power does, and makes a primary of the replica. Answers the latter's URL. */
  failOver(): Promise<string>;
  close(): Promise<void>;
}

/** Starts a PostgreSQL and a replica of it, of which each commit waits until the replica has it. */
export async function startReplicated(): Promise<Replicated> {
  const folder = mkdtempSync(join(tmpdir(), "daemun-replicated-"));
  // PostgreSQL's own user has to walk through it.
  chmodSync(folder, 0o755);
  const of = async (name: string) => ({ dataDir: join(folder, name), port: await findFreePort(), durable: false });
  const [first, second] = await Promise.all([of("primary"), of("replica")]);
  const running = new Set<Postgres>();
  let isKilled = false;
  const close = async () => {
    await Promise.all([...running].map((server) => server.stop()));
    // A server that was killed leaves shared memory behind, which its next start clears.
    if (isKilled) await (await startPostgres(first)).stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = async (options: Parameters<typeof startPostgres>[0]) => {
    const server = await startPostgres(options);
    running.add(server);
    return server;
  };
  try {
    const draft = await start(first);
    await createTemplate(draft.url);
    await draft.stop();
    running.delete(draft);
    for (const end of ["", ".password"])
      execFileSync("cp", ["-a", `${draft.dataDir}${end}`, `${second.dataDir}${end}`]);
    const { username, password } = new URL(draft.url);
    const follows = `host=127.0.0.1 port=${first.port} user=${username} password=${password} application_name=replica`;
    writeFileSync(join(second.dataDir, "standby.signal"), "");
    appendFileSync(join(second.dataDir, "postgresql.auto.conf"), `primary_conninfo = '${follows}'\n`);
    const replicates = { synchronous_standby_names: "replica", synchronous_commit: "on" };
    const replica = await start({ ...second, isStandby: true });
    // Making a database waits for the replica, which connects by itself as soon as there is somebody to follow.
    const primary = await start({ ...first, settings: replicates });
    return {
      url: primary.url,
      failOver: async () => {
        // The whole group: nobody is left who could send anything to the replica.
        process.kill(-primary.pid, "SIGKILL");
        isKilled = true;
        const client = new pg.Client({ connectionString: replica.url });
        await client.connect();
        await client.query("SELECT pg_promote()");
        await client.end();
        return replica.url;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
