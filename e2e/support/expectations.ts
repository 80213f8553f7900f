import { expect } from "vitest";
import type { RunningApp } from "../../dev/run/app";
import type { HttpBrowser, Page } from "./http-browser";
import { type TestApp, whoIs } from "./test-app";

/** What a test reads of an app's log comes through a pipe, and may come after the answer that it belongs to. */
export async function expectLogged(instance: Pick<RunningApp, "output">, ...texts: (string | RegExp)[]): Promise<void> {
  for (const text of texts) await expect.poll(() => instance.output()).toMatch(text);
}

export interface Counts {
  users: number;
  accounts: number;
  sessions: number;
  tokenRequests: number;
  failures: number;
}

/** What a refused sign-in must leave as it was, and the audit rows that it must add. */
export async function count(app: TestApp, provider = "company"): Promise<Counts> {
  const [row] = await app.rows<Omit<Counts, "tokenRequests">>(
    `SELECT (SELECT count(*)::int FROM "User") users, (SELECT count(*)::int FROM "Account") accounts,
            (SELECT count(*)::int FROM "Session") sessions,
            (SELECT count(*)::int FROM "AuditEvent" WHERE event = 'sign_in.failed') failures`,
  );
  const tokenRequests = (await app.control.journal(provider, { endpoint: "token" })).length;
  return { users: 0, accounts: 0, sessions: 0, failures: 0, ...row, tokenRequests };
}

/** The newest audit row of `event`. */
export async function lastAudit(app: TestApp, event: string) {
  const [row] = await app.rows<Record<string, unknown> & { reason: string; detail: Record<string, unknown> }>(
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
  app: TestApp,
  browser: HttpBrowser,
  answered: Page,
  { before, code, tokenRequests }: { before: Counts; code: string | RegExp; tokenRequests?: number },
): Promise<void> {
  expect([302, 303], answered.body.slice(0, 300)).toContain(answered.status);
  const target = new URL(answered.location ?? "");
  expect(target.origin).toBe(app.url);
  expect(["/auth-error", "/sign-in"]).toContain(target.pathname);
  expect(target.searchParams.get("code") ?? target.searchParams.get("error")).toMatch(code);
  expect(await whoIs(app, browser)).toBeNull();
  const after = await count(app);
  expect(after).toMatchObject({ users: before.users, accounts: before.accounts, sessions: before.sessions });
  expect(after.failures - before.failures).toBe(1);
  if (tokenRequests !== undefined) expect(after.tokenRequests - before.tokenRequests).toBe(tokenRequests);
  const row = await lastAudit(app, "sign_in.failed");
  expect(row?.reason).toMatch(code);
  expect(row).toMatchObject({ outcome: "failure", ip: expect.any(String), requestId: expect.any(String) });
  expect(answered.headers.get("x-request-id")).toBe(row?.requestId);
}
