import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { type AppName, appNames, buildApp } from "@/bench/baselines/build";
import { tables as nextAuthTables } from "@/bench/baselines/next-auth/tables";
import { schema as thinSchema } from "@/bench/baselines/thin/database";
import { createDatabase } from "@/dev/postgres/postgres";
import { findFreePort } from "@/dev/process/ports";
import { firstParty } from "@/dev/provider/client-registration";
import { type ControlClient, createControlClient } from "@/dev/provider/control-client";
import { startIdentityProviders } from "@/dev/provider/start";
import { type RunningApp, startApp } from "@/dev/run/app";
import { appEnvironment, clientAddresses } from "@/dev/run/app-environment";
import { root } from "@/dev/run/build";
import type { Bench } from "../registry/run";

export interface BenchApp {
  name: AppName;
  running: RunningApp;
  databaseUrl: string;
}

export interface World {
  apps: BenchApp[];
  control: ControlClient;
  end(): Promise<void>;
}

/** How many users are there before the first one comes, in the product's database. */
const users = 1_000;

/**
 * Builds and starts the product and the baselines in front of one provider and one service, each with a database of its own.
 *
 * @param options.names which of them
 * @param options.keep whether builds of an earlier run are taken as they are
 * @param options.env what all are told besides
 */
export async function openWorld(
  { secrets, server, fill }: Pick<Bench, "secrets" | "server" | "fill">,
  options: { names?: readonly AppName[]; keep?: boolean; env?: (name: AppName) => Record<string, string> } = {},
): Promise<World> {
  const { names = appNames, keep = false, env = () => ({}) } = options;
  for (const name of names) {
    if (keep) continue;
    console.log(`Building ${name} …`);
    await buildApp(name);
  }
  const places = await Promise.all(names.map(async (name) => ({ name, port: await findFreePort() })));
  const clientOf = (name: AppName) => ({ clientId: name, clientSecret: secrets.clientSecret });
  const providers = await startIdentityProviders({
    issuers: [
      {
        id: "company",
        port: 0,
        clients: places.map(({ name, port }) => ({
          ...clientOf(name),
          ...firstParty,
          ...clientAddresses(`http://localhost:${port}`, "company"),
        })),
      },
    ],
    controlPort: 0,
  });
  const upstream = fork(new URL("../proxy/upstream.ts", import.meta.url), { execArgv: ["--import", "tsx"] });
  const [upstreamPort] = await once(upstream, "message");
  const apps: BenchApp[] = [];
  const end = async () => {
    await Promise.all(apps.map(({ running }) => running.stop()));
    upstream.disconnect();
    await providers.stop();
  };
  try {
    for (const { name, port } of places) {
      const databaseUrl = await databaseOf(name, server.url, fill);
      const environment = appEnvironment({
        port,
        databaseUrl,
        secrets,
        providers: [
          { id: "company", name: "Company", issuer: providers.issuers.company?.issuer ?? "", ...clientOf(name) },
        ],
        services: [{ id: "shopping", url: `http://localhost:${upstreamPort}` }],
      });
      const running = await startApp({
        // All requests come from one address. The limits are checked all the same.
        env: { ...environment, RATE_LIMIT_PER_MINUTE: "1000000", ...env(name) },
        port,
        directory: join(root, ".data/bench/app", name),
      });
      apps.push({ name, running, databaseUrl });
    }
    return { apps, control: createControlClient(providers.control), end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function databaseOf(name: AppName, serverUrl: string, fill: Bench["fill"]): Promise<string> {
  if (name === "daemun") return fill(users);
  const url = await createDatabase(serverUrl, name.replace("-", "_"));
  if (name === "thin") await run(url, thinSchema);
  if (name === "next-auth") await run(url, nextAuthTables);
  return url;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
