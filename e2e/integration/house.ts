import pg from "pg";
import { expect, inject } from "vitest";
import { type RunningApp, startApp } from "../../dev/app";
import { appEnvironment, clientAddresses } from "../../dev/app-environment";
import { type ControlClient, createControlClient } from "../../dev/identity-provider/control-client";
import type { Resources } from "../../dev/identity-provider/permissions";
import { startIdentityProviders } from "../../dev/identity-provider/start";
import { findFreePort } from "../../dev/ports";
import { makeSecrets } from "../../dev/secrets";
import { notesIssuer } from "../../dev/services/notes-issuer";
import { type SampleServices, startServices } from "../../dev/services/start";
import { createTestDatabase } from "../../dev/test-database";
import { type DatabaseWire, openWire } from "./database-wire";
import { HttpBrowser, type Page } from "./http-browser";

export const clientId = "daemun";
export const clientSecret = "a-client-of-the-tests";

const signInProviders = ["company", "partner"];

export interface House {
  url: string;
  app: RunningApp;
  /** A second app on the same database, keys and providers, as a load balancer would reach it; or told something `different`. */
  startSibling(different?: Record<string, string | undefined>): Promise<RunningApp>;
  control: ControlClient;
  /** Of those that sign people in, and of `notes`, the authorization server of a service. */
  issuers: Record<string, string>;
  /** The services behind the house: where each is, and what makes it misbehave. */
  services: SampleServices;
  /** Rows of the app's own database. */
  rows<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
  environment: Record<string, string>;
  /** The wire between the app and its database. */
  database: DatabaseWire;
  close(): Promise<void>;
}

export interface HouseOptions {
  env?: Record<string, string | undefined>;
  /** Whether something else answers at `url`, a proxy say, and the app listens on a port of its own behind it. */
  behindProxy?: boolean;
  /** The folder of another build than the repository's own. */
  directory?: string;
  /** The API resources that the providers know; those of the demo by default. */
  resources?: Resources;
}

/** Starts a house of its own for a test file: database, two identity providers, services, one app of the production build. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { env = {}, behindProxy = false, directory, resources } = options;
  const { postgresUrl } = inject("servers");
  const [directUrl, port] = await Promise.all([createTestDatabase(postgresUrl), findFreePort()]);
  const database = await openWire(directUrl);
  const url = `http://localhost:${port}`;
  const registration = { clientId, clientSecret };
  const providers = await startIdentityProviders({
    issuers: [
      ...signInProviders.map((id) => ({ id, port: 0, clients: [{ ...registration, ...clientAddresses(url, id) }] })),
      notesIssuer({ port: 0, appUrl: url, client: registration }),
    ],
    controlPort: 0,
    ...(resources && { resources }),
  });
  const issuers = Object.fromEntries(Object.entries(providers.issuers).map(([id, { issuer }]) => [id, issuer]));
  const behind = await startServices({ providers, client: registration });
  const environment = {
    ...appEnvironment({
      port,
      databaseUrl: database.url,
      secrets: makeSecrets(),
      providers: signInProviders.map((id) => ({ id, name: id, issuer: issuers[id] ?? "", ...registration })),
      services: behind.forApp,
    }),
    ...env,
  } as Record<string, string>;
  const client = new pg.Pool({ connectionString: directUrl, max: 2 });
  const started: RunningApp[] = [];
  const start = async (onPort: number, different: Record<string, string | undefined> = {}) => {
    // A sibling is reached on a port of its own, but believes in the same public origin.
    const told = { ...environment, ...different, PORT: String(onPort) };
    const app = await startApp({ env: told, port: onPort, ...(directory && { directory }) });
    started.push(app);
    return app;
  };
  const close = async () => {
    await Promise.all(started.map((app) => app.stop()));
    await behind.stop();
    await providers.stop();
    await client.end();
    await database.close();
  };
  try {
    const app = await start(behindProxy ? await findFreePort() : port);
    return {
      url,
      app,
      startSibling: async (different) => start(await findFreePort(), different),
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

/** Opens the sign-in page and sends the provider's form. Answers the redirect to the provider. */
export async function startSignIn(
  house: House,
  browser: HttpBrowser,
  {
    provider = "company",
    returnTo = "/account",
    extra = {},
  }: { provider?: string; returnTo?: string; extra?: Record<string, string> } = {},
): Promise<Page> {
  const page = await browser.request(`${house.url}/sign-in?${new URLSearchParams({ returnTo })}`);
  return browser.submit(page, `data-provider="${provider}"`, extra);
}

/** Goes through the provider's page as `person`. Answers the redirect back to the app, not yet followed. */
export async function meetProvider(house: House, browser: HttpBrowser, started: Page, person: string): Promise<Page> {
  expect(started.status, started.body.slice(0, 300)).toBe(302);
  const staysThere = (url: string) => !url.startsWith(house.url);
  const page = await browser.visit(started.location ?? "", {}, staysThere);
  if (page.location) return page;
  const chosen = await browser.submit(page, `data-person="${person}"`);
  if (!staysThere(chosen.location ?? "")) return chosen;
  return browser.visit(chosen.location ?? "", {}, staysThere);
}

/** A whole sign-in up to, and without, the callback's own redirect. */
export async function signIn(
  house: House,
  browser: HttpBrowser,
  {
    person = "minsu",
    ...options
  }: { provider?: string; person?: string; returnTo?: string; extra?: Record<string, string> } = {},
): Promise<Page> {
  const started = await startSignIn(house, browser, options);
  const back = await meetProvider(house, browser, started, person);
  return browser.request(back.location ?? "");
}

/** A browser that is signed in. */
export async function signedIn(house: House, options: Parameters<typeof signIn>[2] = {}): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  const page = await signIn(house, browser, options);
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  expect((await whoIs(house, browser))?.sub).toBe(options.person ?? "minsu");
  return browser;
}

/** Somebody whose sign-in at the provider was an hour ago; the app's own has just begun. */
export async function signedInLongAgo(house: House, person: string): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  await house.control.setClock("company", -3600);
  await meetProvider(house, browser, await startSignIn(house, browser), person);
  await house.control.setClock("company", 0);
  // The provider knows them by now and asks nothing.
  expect((await signIn(house, browser, { person })).status).toBe(303);
  return browser;
}

/** Who the app says is there, or null. */
export async function whoIs(house: House, browser: HttpBrowser): Promise<{ sub: string; user: { id: string } } | null> {
  const page = await browser.fetch(`${house.url}/api/me`);
  return page.status === 200 ? JSON.parse(page.body) : null;
}
