import { connect, createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { expect, inject } from "vitest";
import { type RunningApp, startApp } from "../../dev/app";
import { appEnvironment, clientAddresses } from "../../dev/app-environment";
import { type ControlClient, createControlClient } from "../../dev/identity-provider/control-client";
import { startIdentityProviders } from "../../dev/identity-provider/start";
import { findFreePort } from "../../dev/ports";
import { makeSecrets } from "../../dev/secrets";
import { createTestDatabase } from "../../dev/test-database";
import { HttpBrowser, type Page } from "./http-browser";

export const clientId = "daemun";
export const clientSecret = "a-client-of-the-tests";

export interface House {
  url: string;
  app: RunningApp;
  /** A second app on the same database, keys and providers, as a load balancer would reach it. */
  startSibling(): Promise<RunningApp>;
  control: ControlClient;
  issuers: Record<string, string>;
  /** Rows of the app's own database. */
  rows<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
  environment: Record<string, string>;
  /** The wire between the app and its database. */
  database: DatabaseWire;
  close(): Promise<void>;
}

/** Starts a house of its own for a test file: database, two identity providers, one app of the production build. */
export async function openHouse({ env = {} }: { env?: Record<string, string | undefined> } = {}): Promise<House> {
  const { postgresUrl } = inject("servers");
  const [directUrl, port] = await Promise.all([createTestDatabase(postgresUrl), findFreePort()]);
  const database = await openWire(directUrl);
  const url = `http://localhost:${port}`;
  const providers = await startIdentityProviders({
    issuers: ["company", "partner"].map((id) => ({
      id,
      port: 0,
      clients: [{ clientId, clientSecret, ...clientAddresses(url, id) }],
    })),
    controlPort: 0,
  });
  const issuers = Object.fromEntries(Object.entries(providers.issuers).map(([id, { issuer }]) => [id, issuer]));
  const environment = {
    ...appEnvironment({
      port,
      databaseUrl: database.url,
      secrets: makeSecrets(),
      providers: Object.entries(issuers).map(([id, issuer]) => ({ id, name: id, issuer, clientId, clientSecret })),
    }),
    ...env,
  } as Record<string, string>;
  const client = new pg.Pool({ connectionString: directUrl, max: 2 });
  const started: RunningApp[] = [];
  const start = async (onPort: number) => {
    // A sibling is reached on a port of its own, but believes in the same public origin.
    const app = await startApp({ env: { ...environment, PORT: String(onPort) }, port: onPort });
    started.push(app);
    return app;
  };
  const close = async () => {
    await Promise.all(started.map((app) => app.stop()));
    await providers.stop();
    await client.end();
    await database.close();
  };
  try {
    const app = await start(port);
    return {
      url,
      app,
      startSibling: async () => start(await findFreePort()),
      control: createControlClient(providers.control),
      issuers,
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

export interface DatabaseWire {
  url: string;
  /** Ends every connection and accepts none until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** A TCP relay in front of the database, so that a test can cut the wire without harming anybody else's. */
async function openWire(directUrl: string): Promise<DatabaseWire> {
  const target = new URL(directUrl);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const opened = createServer((incoming) => {
        const outgoing = connect(Number(target.port), target.hostname);
        for (const [from, to] of [
          [incoming, outgoing],
          [outgoing, incoming],
        ] as const) {
          sockets.add(from);
          from.on("error", () => to.destroy());
          from.on("close", () => {
            sockets.delete(from);
            to.destroy();
          });
          from.pipe(to);
        }
      });
      opened.once("error", reject);
      opened.listen(port, "127.0.0.1", () => {
        server = opened;
        resolve((opened.address() as { port: number }).port);
      });
    });
  const port = await listen(0);
  const cut = async () => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const url = new URL(directUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    cut,
    mend: async () => {
      await listen(port);
    },
    close: cut,
  };
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

/** Who the app says is there, or null. */
export async function whoIs(house: House, browser: HttpBrowser): Promise<{ sub: string; user: { id: string } } | null> {
  const page = await browser.fetch(`${house.url}/api/me`);
  return page.status === 200 ? JSON.parse(page.body) : null;
}

export interface Counts {
  users: number;
  accounts: number;
  sessions: number;
  tokenRequests: number;
  failures: number;
}

/** What a refused sign-in must leave as it was, and the audit rows that it must add. */
export async function count(house: House, provider = "company"): Promise<Counts> {
  const [row] = await house.rows<Omit<Counts, "tokenRequests">>(
    `SELECT (SELECT count(*)::int FROM "User") users, (SELECT count(*)::int FROM "Account") accounts,
            (SELECT count(*)::int FROM "Session") sessions,
            (SELECT count(*)::int FROM "AuditEvent" WHERE event = 'sign_in.failed') failures`,
  );
  const tokenRequests = (await house.control.journal(provider, { endpoint: "token" })).length;
  return { users: 0, accounts: 0, sessions: 0, failures: 0, ...row, tokenRequests };
}

/** The newest audit row of `event`. */
export async function lastAudit(house: House, event: string) {
  const [row] = await house.rows<Record<string, unknown> & { reason: string; detail: Record<string, unknown> }>(
    `SELECT * FROM "AuditEvent" WHERE event = $1 ORDER BY id DESC LIMIT 1`,
    [event],
  );
  return row;
}

/**
 * NS and ERR(code) of hostile-cases: nobody is signed in, no row was written, exactly one `sign_in.failed` was, and the
 * person is sent to a page that names the code.
 */
export async function expectRefused(
  house: House,
  browser: HttpBrowser,
  answered: Page,
  { before, code, tokenRequests }: { before: Counts; code: string | RegExp; tokenRequests?: number },
): Promise<void> {
  expect([302, 303], answered.body.slice(0, 300)).toContain(answered.status);
  const target = new URL(answered.location ?? "");
  expect(target.origin).toBe(house.url);
  expect(["/auth-error", "/sign-in"]).toContain(target.pathname);
  expect(target.searchParams.get("code") ?? target.searchParams.get("error")).toMatch(code);
  expect(await whoIs(house, browser)).toBeNull();
  const after = await count(house);
  expect(after).toMatchObject({ users: before.users, accounts: before.accounts, sessions: before.sessions });
  expect(after.failures - before.failures).toBe(1);
  if (tokenRequests !== undefined) expect(after.tokenRequests - before.tokenRequests).toBe(tokenRequests);
  const row = await lastAudit(house, "sign_in.failed");
  expect(row?.reason).toMatch(code);
  expect(row).toMatchObject({ outcome: "failure", ip: expect.any(String), requestId: expect.any(String) });
  expect(answered.headers.get("x-request-id")).toBe(row?.requestId);
}
