import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { lastAudit } from "../../support/expectations";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  grantOf,
  openTokenApp,
  probe,
  refreshes,
  sha256,
  shopping,
  spoilRefresh,
  withExpiredTokens,
} from "../../support/token-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app, sibling } = await openTokenApp());
}, 240_000);
afterEach(async () => {
  await clearSpoils(app);
  await app.control.resetUsers("company");
  await expectWholeGrants(app);
});
afterAll(() => app?.close());

/** What the provider's last token response held. */
const lastIssued = async () => (await app.control.issued("company")).at(-1);

/** Session claims as the app shows them, without network. */
async function claimsOf(browser: Awaited<ReturnType<typeof signedIn>>): Promise<Record<string, unknown>> {
  return JSON.parse((await browser.fetch(`${sibling.url}/api/me`)).body).claims;
}

describe("a refresh", () => {
  it("RF-01: a refresh asks for the API that was meant, and keeps the new refresh token sealed", async () => {
    const browser = await withExpiredTokens(app, "minsu", [{ resource: shopping }]);
    const before = await grantOf(app, "minsu");
    const { status, tokens } = await probe(app.url, browser, { resource: shopping });
    const [request] = await refreshes(app);
    expect([status, (await refreshes(app)).length, request?.form.resource]).toEqual([200, 1, shopping]);
    const issued = await lastIssued();
    expect(tokens[0]).toMatchObject({ sha256: sha256(issued?.accessToken ?? null), sub: "minsu", aud: shopping });
    expect(issued?.refreshToken).not.toBe(request?.form.refresh_token);

    const after = await grantOf(app, "minsu");
    expect(after.sealedRefreshToken).toMatch(/^v2\.[^.]+\.[^.]+\.[^.]+$/);
    expect(after.sealedRefreshToken).not.toBe(before.sealedRefreshToken);
    expect(after.sealedRefreshToken).not.toContain(issued?.refreshToken);
    expect(after.refreshCount).toBe(before.refreshCount + 1);
    expect(await lastAudit(app, "token.refreshed")).toMatchObject({
      outcome: "success",
      provider: "company",
      detail: { resource: shopping, organization: null },
    });
    // It is the one that the next refresh uses.
    await expireTokens(app);
    expect((await probe(sibling.url, browser, { resource: shopping })).status).toBe(200);
    expect((await refreshes(app))[1]?.form.refresh_token).toBe(issued?.refreshToken);
    expect((await app.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("RF-04: invalid_grant at a refresh ends grant and session, and the provider is not asked again", async () => {
    const browser = await withExpiredTokens(app, "jiwoo", [{ resource: shopping }]);
    await app.control.revokeGrants("company", { sub: "jiwoo" });
    const first = await probe(app.url, browser, { resource: shopping });
    expect(first).toMatchObject({ status: 401, error: "reauthentication_required" });
    expect(await grantOf(app, "jiwoo")).toMatchObject({
      endReason: "invalid_grant",
      endedAt: expect.any(Date),
      sealedRefreshToken: null,
      tokens: 0,
    });
    expect(await lastAudit(app, "token.refresh_failed")).toMatchObject({
      outcome: "failure",
      reason: "reauthentication_required",
      provider: "company",
      sessionHash: expect.any(String),
      requestId: expect.any(String),
      detail: { resource: shopping, cause: "invalid_grant" },
    });
    const bases = [app.url, sibling.url];
    const more = await Promise.all(Array.from({ length: 10 }, (_, at) => probe(bases[at % 2] ?? "", browser)));
    expect(more.map(({ error }) => error)).toEqual(Array(10).fill("signed_out_by_provider"));
    expect(await refreshes(app)).toHaveLength(1);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("RF-07: a refresh whose answer is lost after the provider has rotated ends cleanly, and for this session alone", async () => {
    const elsewhere = await signedIn(app, { user: "eunji" });
    const browser = await withExpiredTokens(app, "eunji", [{ resource: shopping }]);
    await spoilRefresh(app, { kind: "reset_after_commit" });
    expect(await probe(app.url, browser, { resource: shopping })).toMatchObject({
      status: 503,
      error: "provider_unavailable",
      retryAfter: expect.stringMatching(/^\d+$/),
    });
    await expect
      .poll(() => probe(sibling.url, browser, { resource: shopping }))
      .toMatchObject({ status: 401, error: "reauthentication_required" });
    expect((await grantOf(app, "eunji")).endReason).toBe("invalid_grant");
    expect(await refreshes(app)).toHaveLength(2);
    for (const base of [app.url, sibling.url]) {
      expect((await probe(base, browser, { resource: shopping })).status).toBe(401);
    }
    expect(await refreshes(app)).toHaveLength(2);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "eunji" });
    expect((await probe(app.url, elsewhere, { resource: shopping })).status).toBe(200);
  });
});

describe("what the provider says of a person since they signed in", () => {
  it("counts from the next refresh on: roles and organizations come and go, the time of the sign-in stays", async () => {
    const browser = await withExpiredTokens(app, "haneul");
    const before = await claimsOf(browser);
    expect(before).toMatchObject({ roles: ["admin"], organizations: ["org_hanok", "org_maru"] });
    expect((await probe(app.url, browser, { organization: "org_maru" })).status).toBe(200);
    await app.control.changeUser("company", "haneul", {
      roles: ["support"],
      organizations: [{ id: "org_hanok", name: "Hanok Works", roles: ["member"] }],
    });
    const [begun] = await app.rows<{ authTime: Date }>(
      `SELECT "authTime" FROM "Session" WHERE subject = 'haneul' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
    );
    // A provider that moves the time of the sign-in with every refresh would make each page think it recent.
    const moved = Number(before.auth_time) + 10;
    await spoilRefresh(app, { kind: "id_token", setClaims: { auth_time: moved, acr: "urn:daemun:acr:2" } });
    await expireTokens(app);
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);

    const after = await claimsOf(browser);
    expect(after).toMatchObject({ roles: ["support"], organizations: ["org_hanok"], auth_time: before.auth_time });
    expect(after.acr).toBe(before.acr);
    const [row] = await app.rows<{ roles: string[]; authTime: Date }>(
      `SELECT roles, "authTime" FROM "Session" WHERE subject = 'haneul' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect([row?.roles, row?.authTime]).toEqual([["support"], begun?.authTime]);
    await app.control.clearJournal("company");
    expect(await probe(app.url, browser, { organization: "org_maru" })).toMatchObject({
      status: 400,
      error: "unknown_organization",
    });
    expect(await refreshes(app)).toEqual([]);
  });

  it("takes the last role away", async () => {
    const browser = await withExpiredTokens(app, "eunji");
    expect(await claimsOf(browser)).toMatchObject({ roles: ["support"] });
    await app.control.changeUser("company", "eunji", { roles: [] });
    expect((await probe(app.url, browser)).status).toBe(200);
    const rows = await app.rows(
      `SELECT roles FROM "Session" WHERE subject = 'eunji' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ roles: [] }]);
  });
});

describe("a sign-out while a refresh is under way", () => {
  it("wins: the person is out, and the refresh token that comes too late is given back to the provider", async () => {
    const browser = await withExpiredTokens(app, "maximilian");
    const page = await browser.request(`${app.url}/sign-out`);
    // Rotated at once, and two seconds on its way.
    await spoilRefresh(app, { kind: "drip", bytes: 400, everyMs: 250 });
    const asking = probe(sibling.url, browser.clone());
    await expect.poll(async () => (await refreshes(app))[0]?.status).toBe(200);
    const late = (await lastIssued())?.refreshToken;
    expect((await browser.submit(page, 'data-scope="device"')).status).toBe(303);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await asking).status).toBe(401);
    const revoked = async () =>
      (await app.control.journal("company", { endpoint: "revocation" })).map(({ form }) => form.token);
    await expect.poll(revoked).toContain(late);
    expect(await grantOf(app, "maximilian")).toMatchObject({
      endReason: "signed_out",
      sealedRefreshToken: null,
      tokens: 0,
    });
  });

  it("wins as well when the provider hears of it before it looks at the refresh", async () => {
    const browser = await withExpiredTokens(app, "jiwoo");
    const page = await browser.request(`${app.url}/sign-out`);
    await spoilRefresh(app, { kind: "delay", delayMs: 1_500 });
    const asking = probe(sibling.url, browser.clone());
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    expect((await browser.submit(page, 'data-scope="everywhere"')).status).toBe(303);
    expect((await asking).status).toBe(401);
    expect(await whoIs(app, browser)).toBeNull();
    expect(await grantOf(app, "jiwoo")).toMatchObject({
      endReason: "signed_out",
      sealedRefreshToken: null,
      tokens: 0,
    });
  });
});
