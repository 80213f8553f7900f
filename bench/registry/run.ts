import { loadavg } from "node:os";
import { onStop } from "@/dev/process/stop-signals";
import { makeSecrets } from "@/dev/run/secrets";
import { generateClient } from "@/prisma/generate";
import { type Server, startServer } from "./databases";
import { type Instance, type InstanceOptions, startInstance } from "./instance";
import type { Requests } from "./serve";

/** What a bench works with. All of it ends with the bench. */
export interface Bench {
  secrets: ReturnType<typeof makeSecrets>;
  server: Pick<Server, "url">;
  /** Makes a database with so many people in it, two sessions each, and answers with its URL. */
  fill(users: number): Promise<string>;
  start<R extends Requests>(options: Omit<InstanceOptions, "secrets">): Instance<R>;
}

/**
 * Runs a bench on a PostgreSQL of its own, says what it missed, and lets the process end with 1 then.
 *
 * @param work answers with what was missed
 * @param settings of the server, besides those that it is always given
 */
export async function runBench(
  name: string,
  work: (bench: Bench) => Promise<string[]>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Others at work on the same machine spoil figures, ratios less than times.
  const loads = loadavg().map((load) => load.toFixed(1));
  console.log(`Load average: ${loads.join(", ")}`);
  generateClient();
  const server = await startServer(name, settings);
  const instances: { end(): Promise<void> }[] = [];
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= Promise.all(instances.map((instance) => instance.end())).then(() => server.end());
    return ending;
  };
  let isStopped = false;
  onStop(() => {
    isStopped = true;
    void end().finally(() => process.exit(1));
  });
  const secrets = makeSecrets();
  try {
    const missed = await work({
      secrets,
      server,
      async fill(users) {
        const begun = performance.now();
        const url = await server.fill(users);
        const [people, sessions] = [users, 2 * users].map((count) => count.toLocaleString("en"));
        console.log(`${people} people, ${sessions} sessions: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        return url;
      },
      start(options) {
        const instance = startInstance<never>({ ...options, secrets });
        instances.push(instance);
        return instance;
      },
    });
    for (const fault of missed) console.log(`MISSED: ${fault}`);
    if (missed.length > 0) process.exitCode = 1;
  } catch (error) {
    // Told to end, it loses its instances in the middle of something: no fault of theirs.
    if (!isStopped) throw error;
  } finally {
    await end();
  }
}
