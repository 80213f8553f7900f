import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "@/dev/process/ports";
import { firstParty } from "@/dev/provider/client-registration";
import { createControlClient } from "@/dev/provider/control-client";
import { startIdentityProviders } from "@/dev/provider/start";
import { startApp } from "@/dev/run/app";
import { buildAppCopy } from "@/dev/run/app-copy";
import { appEnvironment, clientAddresses } from "@/dev/run/app-environment";
import { root } from "@/dev/run/build";
import type { Secrets } from "@/dev/run/secrets";
import { signInUsers } from "./people";

export interface World {
  appUrl: string;
  upstreamUrl: string;
  /** `Cookie` headers of people who are signed in. */
  cookies: string[];
  end(): Promise<void>;
}

/** The app with one more route, in front of a provider and a service, and so many people who are signed in. */
export async function openWorld(databaseUrl: string, secrets: Secrets, users: number): Promise<World> {
  const directory = join(root, ".data/bench/proxy/app");
  console.log("Building …");
  await build(directory);
  const port = await findFreePort();
  const appUrl = `http://localhost:${port}`;
  const client = { clientId: "bench", clientSecret: secrets.clientSecret };
  const providers = await startIdentityProviders({
    issuers: [
      { id: "company", port: 0, clients: [{ ...client, ...firstParty, ...clientAddresses(appUrl, "company") }] },
    ],
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
      cookies: await signInUsers(appUrl, createControlClient(providers.control), users),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function build(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await buildAppCopy(directory, () => {
    cpSync(join(root, "bench/proxy/app"), join(directory, "app"), { recursive: true });
    const config = readFileSync(join(root, "e2e/support/daemun.config.ts"), "utf8");
    const open = '  gates: [\n    { path: "/api/plain", access: "public" },';
    writeFileSync(join(directory, "daemun.config.ts"), config.replace("  gates: [", open));
  });
}
