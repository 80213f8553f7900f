import pg from "pg";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { findFreePort } from "../../dev/process/ports";
import { firstParty } from "../../dev/provider/client-registration";
import { type ControlClient, createControlClient } from "../../dev/provider/control-client";
import type { Resources } from "../../dev/provider/permissions";
import { startIdentityProviders } from "../../dev/provider/start";
import { notesIssuer } from "../../dev/resource-servers/notes-issuer";
import { startServices } from "../../dev/resource-servers/start";
import { type RunningApp, startApp } from "../../dev/run/app";
import { appEnvironment, clientAddresses } from "../../dev/run/app-environment";
import { makeSecrets } from "../../dev/run/secrets";
import { endSessionProcess } from "../fixtures/sessions";
import { type DatabaseWire, openWire } from "./database-wire";
import { type TestServices, testServices } from "./service-names";

export const clientId = "daemun";
export const clientSecret = "a-client-of-the-tests";

const signInProviders = ["company", "partner"];

export interface TestApp {
  url: string;
  instance: RunningApp;
  /** A second app on the same database, keys and providers, as a load balancer would reach it; or told something `different`. */
  startSibling(different?: Record<string, string | undefined>): Promise<RunningApp>;
  /** A second app that goes on for as long as the first, told the same. */
  shareSibling(): Promise<RunningApp>;
  control: ControlClient;
  /** Of those that sign people in, and of `notes`, the authorization server of a service. */
  issuers: Record<string, string>;
  /** The services behind the app: where each is, and what makes it misbehave. */
  services: TestServices;
  /** Rows of the app's own database. */
  rows<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
  environment: Record<string, string>;
  /** The wire between the app and its database. */
  database: DatabaseWire;
  close(): Promise<void>;
}

export interface TestAppOptions {
  env?: Record<string, string | undefined>;
  /** Whether something else answers at `url`, a proxy say, and the app listens on a port of its own behind it. */
  behindProxy?: boolean;
  /** The folder of another build than the repository's own. */
  directory?: string;
  /** What is done with the database before the app starts; answers by which address the app shall reach it. */
  prepareDatabase?: (url: string, companyIssuer: string) => Promise<string>;
  /** The API resources that the providers know; those of the tests by default. */
  resources?: Resources;
}

export interface StartedApp extends TestApp {
  /** One more process of the same app on a port, say that of one which was killed. */
  startOn(port: number): Promise<RunningApp>;
}

/**
 * Starts an app with all that is around it: database, two identity providers, services, one app of the production build.
 *
 * @param options.postgresUrl of a server that has the template of `createTemplate`
 */
export async function startTestApp(options: TestAppOptions & { postgresUrl: string }): Promise<StartedApp> {
  const { postgresUrl, env = {}, behindProxy = false, directory, resources, prepareDatabase } = options;
  const [directUrl, port] = await Promise.all([createTestDatabase(postgresUrl), findFreePort()]);
  const database = await openWire(directUrl);
  const url = `http://localhost:${port}`;
  const registration = { clientId, clientSecret };
  const providers = await startIdentityProviders({
    issuers: [
      ...signInProviders.map((id) => ({
        id,
        port: 0,
        clients: [{ ...registration, ...firstParty, ...clientAddresses(url, id) }],
      })),
      notesIssuer({ names: testServices.notes, port: 0, appUrl: url, client: registration }),
    ],
    controlPort: 0,
    ...(resources && { resources }),
  });
  const issuers = Object.fromEntries(Object.entries(providers.issuers).map(([id, { issuer }]) => [id, issuer]));
  const behind = await startServices({ names: testServices, providers, client: registration });
  const databaseUrl = (await prepareDatabase?.(database.url, issuers.company ?? "")) ?? database.url;
  const environment = {
    ...appEnvironment({
      port,
      databaseUrl,
      secrets: makeSecrets(),
      providers: signInProviders.map((id) => ({ id, name: id, issuer: issuers[id] ?? "", ...registration })),
      services: behind.forApp,
    }),
    // Tests change what a provider says at any moment.
    DISCOVERY_MAX_AGE_SECONDS: "0",
    // Every browser of a test has the same address. Tests of the limits set their own.
    RATE_LIMIT_PER_MINUTE: "1000000",
    // Tests put rows into the past, and look at what becomes of them.
    SWEEP_INTERVAL_SECONDS: "0",
    ...env,
  } as Record<string, string>;
  const client = new pg.Pool({ connectionString: directUrl, max: 2 });
  // A server that restarts takes its idle connections along.
  client.on("error", () => {});
  const started = new Set<RunningApp>();
  const start = async (onPort: number, different: Record<string, string | undefined> = {}) => {
    // A sibling is reached on a port of its own, but believes in the same public origin.
    const told = { ...environment, ...different, PORT: String(onPort) };
    const instance = await startApp({ env: told, port: onPort, ...(directory && { directory }) });
    started.add(instance);
    // Of one that was killed, nothing is left to be stopped: its number is given out again.
    void instance.exit.then(() => instance.stop()).then(() => started.delete(instance));
    return instance;
  };
  let sibling: Promise<RunningApp> | undefined;
  const close = async () => {
    await Promise.all([...started].map((instance) => instance.stop()));
    await endSessionProcess({ environment });
    await behind.stop();
    await providers.stop();
    await client.end();
    await database.close();
  };
  try {
    const instance = await start(behindProxy ? await findFreePort() : port);
    return {
      url,
      instance,
      startSibling: async (different) => start(await findFreePort(), different),
      startOn: (onPort) => start(onPort),
      shareSibling: () => {
        sibling ??= findFreePort().then((onPort) => start(onPort));
        return sibling;
      },
      control: createControlClient(providers.control),
      issuers,
      services: behind.services,
      rows: async <T>(sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows as T[],
      environment,
      database,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
