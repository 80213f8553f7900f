import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startApp } from "@/dev/app";
import { appEnvironment, clientAddresses } from "@/dev/app-environment";
import { root } from "@/dev/build";
import { buildHouseCopy } from "@/dev/house-copy";
import { createControlClient } from "@/dev/identity-provider/control-client";
import { startIdentityProviders } from "@/dev/identity-provider/start";
import { findFreePort } from "@/dev/ports";
import type { Secrets } from "@/dev/secrets";
import { signInPeople } from "./people";

export interface World {
  appUrl: string;
  upstreamUrl: string;
  /** `Cookie` headers of people who are signed in. */
  cookies: string[];
  end(): Promise<void>;
}

/** The app with one more route, in front of a provider and a service, and so many people who are signed in. */
export async function openWorld(databaseUrl: string, secrets: Secrets, people: number): Promise<World> {
  const directory = join(root, ".data/bench/proxy/app");
  console.log("Building …");
  await build(directory);
  const port = await findFreePort();
  const appUrl = `http://localhost:${port}`;
  const client = { clientId: "bench", clientSecret: secrets.clientSecret };
  const providers = await startIdentityProviders({
    issuers: [{ id: "company", port: 0, clients: [{ ...client, ...clientAddresses(appUrl, "company") }] }],
    controlPort: 0,
  });
  const upstream = fork(new URL("upstream.ts", import.meta.url), { execArgv: ["--import", "tsx"] });
  const [upstreamPort] = await once(upstream, "message");
  const upstreamUrl = `http://localhost:${upstreamPort}`;
  const issuer = providers.issuers.company?.issuer ?? "";
  const env = appEnvironment({
    port,
    databaseUrl,
    secrets,
    providers: [{ id: "company", name: "Company", issuer, ...client }],
    services: [{ id: "shopping", url: upstreamUrl }],
  });
  const app = await startApp({ env, port, directory });
  const end = async () => {
    await app.stop();
    upstream.disconnect();
    await providers.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    return {
      appUrl,
      upstreamUrl,
      cookies: await signInPeople(appUrl, createControlClient(providers.control), people),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function build(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await buildHouseCopy(directory, () => {
    cpSync(join(root, "bench/proxy/app"), join(directory, "app"), { recursive: true });
    const config = join(directory, "daemun.config.ts");
    const open = '  gates: [\n    { path: "/api/plain", access: "public" },';
    writeFileSync(config, readFileSync(config, "utf8").replace("  gates: [", open));
  });
}
