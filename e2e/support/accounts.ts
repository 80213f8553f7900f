import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";
import { root } from "../../dev/run/build";
import { tokenOfForms } from "./connecting";
import { HttpBrowser, type Page } from "./http-browser";
import { shareTestApp, signIn, type TestApp, whoIs } from "./test-app";

export const cronSecret = "a-secret-of-the-scheduler";

/** An app behind a proxy that says where requests come from, with a scheduler, and two weeks between wish and deletion. */
export function shareAccountsApp(): Promise<TestApp> {
  return shareTestApp({ env: { TRUSTED_PROXY_HOPS: "1", CRON_SECRET: cronSecret } });
}

export const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
export const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/** A browser of a kind, somewhere. */
export class Device extends HttpBrowser {
  constructor(
    readonly userAgent: string,
    readonly ip: string,
  ) {
    super();
  }

  override request(address: string, options: Parameters<HttpBrowser["request"]>[1] = {}): Promise<Page> {
    const own = { "User-Agent": this.userAgent, "X-Forwarded-For": this.ip };
    return super.request(address, { ...options, headers: { ...own, ...options.headers } });
  }
}

/** Signs a user in on a device. */
export async function signInOn<Browser extends HttpBrowser>(
  app: TestApp,
  browser: Browser,
  user: string,
): Promise<Browser> {
  const page = await signIn(app, browser, { user });
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  return browser;
}

export async function userIdIn(app: TestApp, browser: HttpBrowser): Promise<string> {
  const me = await whoIs(app, browser);
  if (!me) throw new Error("Nobody is signed in.");
  return me.user.id;
}

/** Sends one of the forms of `/account/…` to an instance. */
export async function send(
  app: TestApp,
  browser: HttpBrowser,
  path: string,
  fields: Record<string, string> = {},
  { base = app.url, headers = {} }: { base?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  const form = { csrfToken: await tokenOfForms(app, browser), ...fields };
  return browser.request(`${base}/api/account/${path}`, {
    method: "POST",
    form,
    headers: { Origin: app.url, Host: new URL(app.url).host, ...headers },
  });
}

/** Runs `npm run user -- …` against the app's database, whatever its exit code. */
export async function runUser(app: TestApp, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...app.environment, NODE_ENV: "production" as const };
  try {
    const run = promisify(execFile)("npm", ["run", "--silent", "user", "--", ...args], { cwd: root, env });
    const { stdout, stderr } = await run;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** What happened to a user, the oldest first. */
export async function eventsOf(app: TestApp, userId: string): Promise<string[]> {
  const rows = await app.rows<{ event: string }>(`SELECT event FROM "AuditEvent" WHERE "userId" = $1 ORDER BY at, id`, [
    userId,
  ]);
  return rows.map(({ event }) => event);
}

/** In which tables any of `values` stands, in whatever column: `Table: value`. */
export async function placesOf(app: TestApp, values: readonly string[], except = "false"): Promise<string[]> {
  const tables = await app.rows<{ name: string }>(
    // Partitions stand in the table that they are of.
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    for (const value of values) {
      const isLeft = name === "AuditEvent" ? `AND NOT (${except})` : "";
      const rows = await app.rows(
        `SELECT 1 FROM "${name}" t WHERE position(lower($1) in lower(t::text)) > 0 ${isLeft} LIMIT 1`,
        [value],
      );
      if (rows.length > 0) found.push(`${name}: ${value}`);
    }
  return found;
}
