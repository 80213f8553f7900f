import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import type { FaultRuleInput, JournalEntry } from "../../dev/provider/control-client";
import type { RunningApp } from "../../dev/run/app";
import { openExtendedApp } from "./extension/extended-app";
import type { HttpBrowser } from "./http-browser";
import { signedIn, type TestApp } from "./test-app";

export const shopping = "https://shopping.example/api";
export const store = "https://store.example/api";

/** An app of two processes, with a route that asks for tokens and shows their hashes. Test files of a worker share it. */
export async function openTokenApp(): Promise<{ app: TestApp; sibling: RunningApp }> {
  const app = await openExtendedApp();
  return { app, sibling: await app.shareSibling() };
}

export interface Target {
  resource?: string;
  organization?: string;
  scopes?: string;
}

/** A token as the route shows it. */
export interface ShownToken {
  sha256: string;
  expiresAt: string;
  scope: string;
  resource: string | null;
  organization: string | null;
  sub?: string;
  aud?: string;
  organization_id?: string;
  exp?: number;
}

export interface Probed {
  status: number;
  /** The error's code; null for tokens. */
  error: string | null;
  tokens: ShownToken[];
  retryAfter: string | null;
}

/** Asks one process for a token, `n` times at once. */
export async function probe(base: string, browser: HttpBrowser, target: Target = {}, n = 1): Promise<Probed> {
  const page = await browser.fetch(`${base}/api/probe?${new URLSearchParams({ ...target, n: String(n) })}`);
  const json = JSON.parse(page.body);
  const retryAfter = page.headers.get("retry-after");
  return page.status === 200
    ? { status: 200, error: null, tokens: json, retryAfter }
    : { status: page.status, error: json.error, tokens: [], retryAfter };
}

/** Somebody who has a token for each target, all of which have run out since. The provider's journal begins after that. */
export async function withExpiredTokens(app: TestApp, user: string, targets: readonly Target[] = [{}]) {
  const browser = await signedIn(app, { user });
  for (const target of targets) expect((await probe(app.url, browser, target)).status).toBe(200);
  await expireTokens(app);
  await app.control.clearJournal("company");
  return browser;
}

/** New people at the company, each signed in; ten at a time, as the provider of these tests is one process. */
export async function signedInCrowd(app: TestApp, users: readonly string[]): Promise<HttpBrowser[]> {
  const browsers: HttpBrowser[] = [];
  for (const sub of users) await app.control.putUser("company", { sub, login: sub, name: sub });
  for (let at = 0; at < users.length; at += 10) {
    const some = users.slice(at, at + 10).map((user) => signedIn(app, { user }));
    browsers.push(...(await Promise.all(some)));
  }
  return browsers;
}

/** Every access token that anybody has ends a second ago. */
export async function expireTokens(app: TestApp): Promise<void> {
  await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
}

/** The refreshes that the provider was asked for since its journal began. */
export async function refreshes(app: TestApp): Promise<JournalEntry[]> {
  const requests = await app.control.journal("company", { endpoint: "token" });
  return requests.filter(({ form }) => form.grant_type === "refresh_token");
}

/** Makes the provider misbehave at the next refresh, or at `times` of them; null for all until faults are cleared. */
export async function spoilRefresh(app: TestApp, fault: FaultRuleInput["fault"], times: number | null = 1) {
  await app.control.addFault("company", { endpoint: "token", grantType: "refresh_token", times, fault });
}

export async function clearSpoils(app: TestApp): Promise<void> {
  await app.control.clearFaults("company");
  await app.control.setTokenLifetime("company", 3600);
}

export interface GrantRow {
  id: string;
  scope: string;
  sealedRefreshToken: string | null;
  endedAt: Date | null;
  endReason: string | null;
  leaseHolder: string | null;
  refreshCount: number;
  tokens: number;
}

/** The grant of the newest session that a person has begun. */
export async function grantOf(app: TestApp, user: string): Promise<GrantRow> {
  const [row] = await app.rows<GrantRow>(
    `SELECT g.*, (SELECT count(*)::int FROM "AccessToken" t WHERE t."grantId" = g.id) tokens
     FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s.subject = $1 ORDER BY s."createdAt" DESC LIMIT 1`,
    [user],
  );
  if (!row) throw new Error(`${user} has no grant.`);
  return row;
}

/** Every grant is whole: one that goes on has its refresh token and no lease, one that is over has nothing left to use. */
export async function expectWholeGrants(app: TestApp): Promise<void> {
  const torn = await app.rows(
    `SELECT * FROM "Grant" g WHERE "leaseExpiresAt" > now()
       OR ("endedAt" IS NULL) <> ("sealedRefreshToken" IS NOT NULL)
       OR ("endedAt" IS NOT NULL AND EXISTS (SELECT 1 FROM "AccessToken" t WHERE t."grantId" = g.id))`,
  );
  expect(torn).toEqual([]);
}

/** Whose each refresh token is that the provider gave out, by the ID token beside it. */
export async function ownersOfRefreshTokens(app: TestApp): Promise<Map<string, string>> {
  const issued = await app.control.issued("company");
  return new Map(
    issued.flatMap(({ refreshToken, idToken }) =>
      refreshToken && idToken ? [[refreshToken, decodeJwt(idToken).sub ?? ""] as const] : [],
    ),
  );
}

export function sha256(text: string | null): string {
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex");
}
