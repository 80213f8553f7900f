import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { lastAudit } from "./expectations";
import { type House, signedIn, whoIs } from "./house";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  grantOf,
  openTokenHouse,
  probe,
  refreshes,
  sha256,
  shopping,
  soon,
  spoilRefresh,
  withExpiredTokens,
} from "./token-house";

let house: House;
let sibling: RunningApp;
beforeAll(async () => {
  ({ house, sibling } = await openTokenHouse());
}, 240_000);
afterEach(async () => {
  await clearSpoils(house);
  await house.control.resetPeople("company");
  await expectWholeGrants(house);
});
afterAll(() => house?.close());

/** What the provider's last token response held. */
const lastIssued = async () => (await house.control.issued("company")).at(-1);

/** Session claims as the app shows them, without network. */
async function claimsOf(browser: Awaited<ReturnType<typeof signedIn>>): Promise<Record<string, unknown>> {
  return JSON.parse((await browser.fetch(`${sibling.url}/api/me`)).body).claims;
}

describe("a refresh", () => {
  it("RF-01: asks for the API that was meant, and keeps the new refresh token sealed", async () => {
    const browser = await withExpiredTokens(house, "minsu", [{ resource: shopping }]);
    const before = await grantOf(house, "minsu");
    const { status, tokens } = await probe(house.url, browser, { resource: shopping });
    const [request] = await refreshes(house);
    expect([status, (await refreshes(house)).length, request?.form.resource]).toEqual([200, 1, shopping]);
    const issued = await lastIssued();
    expect(tokens[0]).toMatchObject({ sha256: sha256(issued?.accessToken ?? null), sub: "minsu", aud: shopping });
    expect(issued?.refreshToken).not.toBe(request?.form.refresh_token);

    const after = await grantOf(house, "minsu");
    expect(after.sealedRefreshToken).toMatch(/^v1\.[^.]+\.[^.]+\.[^.]+$/);
    expect(after.sealedRefreshToken).not.toBe(before.sealedRefreshToken);
    expect(after.sealedRefreshToken).not.toContain(issued?.refreshToken);
    expect(after.refreshCount).toBe(before.refreshCount + 1);
    expect(await lastAudit(house, "token.refreshed")).toMatchObject({
      outcome: "success",
      provider: "company",
      detail: { resource: shopping, organization: null },
    });
    // It is the one that the next refresh uses.
    await expireTokens(house);
    expect((await probe(sibling.url, browser, { resource: shopping })).status).toBe(200);
    expect((await refreshes(house))[1]?.form.refresh_token).toBe(issued?.refreshToken);
    expect((await house.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("RF-04: invalid_grant ends the grant and not the session, and the provider is not asked again", async () => {
    const browser = await withExpiredTokens(house, "jiwoo", [{ resource: shopping }]);
    await house.control.revokeGrants("company", { sub: "jiwoo" });
    const first = await probe(house.url, browser, { resource: shopping });
    expect(first).toMatchObject({ status: 401, error: "reauthentication_required" });
    expect(await grantOf(house, "jiwoo")).toMatchObject({
      endReason: "invalid_grant",
      endedAt: expect.any(Date),
      sealedRefreshToken: null,
      tokens: 0,
    });
    expect(await lastAudit(house, "token.refresh_failed")).toMatchObject({
      outcome: "failure",
      reason: "reauthentication_required",
      provider: "company",
      sessionHash: expect.any(String),
      requestId: expect.any(String),
      detail: { resource: shopping, cause: "invalid_grant" },
    });
    const bases = [house.url, sibling.url];
    const more = await Promise.all(Array.from({ length: 10 }, (_, at) => probe(bases[at % 2] ?? "", browser)));
    expect(more.map(({ error }) => error)).toEqual(Array(10).fill("reauthentication_required"));
    expect(await refreshes(house)).toHaveLength(1);
    expect(await whoIs(house, browser)).toMatchObject({ sub: "jiwoo" });
    expect((await browser.request(`${sibling.url}/account`)).status).toBe(200);
  });

  it("RF-07: whose answer is lost after the provider has rotated ends cleanly, and for this session alone", async () => {
    const elsewhere = await signedIn(house, { person: "eunji" });
    const browser = await withExpiredTokens(house, "eunji", [{ resource: shopping }]);
    await spoilRefresh(house, { kind: "reset_after_commit" });
    expect(await probe(house.url, browser, { resource: shopping })).toMatchObject({
      status: 503,
      error: "provider_unavailable",
      retryAfter: expect.stringMatching(/^\d+$/),
    });
    await expect
      .poll(() => probe(sibling.url, browser, { resource: shopping }), { timeout: 8_000 })
      .toMatchObject({ status: 401, error: "reauthentication_required" });
    expect((await grantOf(house, "eunji")).endReason).toBe("invalid_grant");
    expect(await refreshes(house)).toHaveLength(2);
    for (const base of [house.url, sibling.url]) {
      expect((await probe(base, browser, { resource: shopping })).status).toBe(401);
    }
    expect(await refreshes(house)).toHaveLength(2);
    expect(await whoIs(house, browser)).toMatchObject({ sub: "eunji" });
    expect((await probe(house.url, elsewhere, { resource: shopping })).status).toBe(200);
  });
});

describe("what the provider says of a person since they signed in", () => {
  it("counts from the next refresh on: roles and organizations come and go, the time of the sign-in stays", async () => {
    const browser = await withExpiredTokens(house, "haneul");
    const before = await claimsOf(browser);
    expect(before).toMatchObject({ roles: ["admin"], organizations: ["org_hanok", "org_maru"] });
    expect((await probe(house.url, browser, { organization: "org_maru" })).status).toBe(200);
    await house.control.changePerson("company", "haneul", {
      roles: ["support"],
      organizations: [{ id: "org_hanok", name: "Hanok Works", roles: ["member"] }],
    });
    // A provider that moves the time of the sign-in with every refresh would make each page think it recent.
    const moved = Number(before.auth_time) + 10;
    await spoilRefresh(house, { kind: "id_token", setClaims: { auth_time: moved, acr: "urn:daemun:acr:2" } });
    await expireTokens(house);
    expect((await browser.fetch(`${house.url}/api/me?source=userinfo`)).status).toBe(200);

    const after = await claimsOf(browser);
    expect(after).toMatchObject({ roles: ["support"], organizations: ["org_hanok"], auth_time: before.auth_time });
    expect(after.acr).toBe(before.acr);
    const [row] = await house.rows<{ roles: string[]; authTime: Date }>(
      `SELECT roles, "authTime" FROM "Session" WHERE subject = 'haneul' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect([row?.roles, row?.authTime.getTime()]).toEqual([["support"], Number(before.auth_time) * 1000]);
    await house.control.clearJournal("company");
    expect(await probe(house.url, browser, { organization: "org_maru" })).toMatchObject({
      status: 400,
      error: "unknown_organization",
    });
    expect(await refreshes(house)).toEqual([]);
  });

  it("takes the last role away", async () => {
    const browser = await withExpiredTokens(house, "eunji");
    expect(await claimsOf(browser)).toMatchObject({ roles: ["support"] });
    await house.control.changePerson("company", "eunji", { roles: [] });
    expect((await probe(house.url, browser)).status).toBe(200);
    const rows = await house.rows(
      `SELECT roles FROM "Session" WHERE subject = 'eunji' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ roles: [] }]);
  });
});

describe("a sign-out while a refresh is under way", () => {
  it("wins: the person is out, and the refresh token that comes too late is given back to the provider", async () => {
    const browser = await withExpiredTokens(house, "minsu");
    const page = await browser.request(`${house.url}/sign-out`);
    // Rotated at once, and two seconds on its way.
    await spoilRefresh(house, { kind: "drip", bytes: 400, everyMs: 250 });
    const asking = probe(sibling.url, browser.clone());
    await expect.poll(async () => (await refreshes(house))[0]?.status, soon).toBe(200);
    const late = (await lastIssued())?.refreshToken;
    expect((await browser.submit(page, 'data-scope="device"')).status).toBe(303);
    expect(await whoIs(house, browser)).toBeNull();
    expect((await asking).status).toBe(401);
    const revoked = async () =>
      (await house.control.journal("company", { endpoint: "revocation" })).map(({ form }) => form.token);
    await expect.poll(revoked, soon).toContain(late);
    expect(await grantOf(house, "minsu")).toMatchObject({
      endReason: "signed_out",
      sealedRefreshToken: null,
      tokens: 0,
    });
  });

  it("wins as well when the provider hears of it before it looks at the refresh", async () => {
    const browser = await withExpiredTokens(house, "jiwoo");
    const page = await browser.request(`${house.url}/sign-out`);
    await spoilRefresh(house, { kind: "delay", delayMs: 1_500 });
    const asking = probe(sibling.url, browser.clone());
    await expect.poll(async () => (await refreshes(house)).length, soon).toBe(1);
    expect((await browser.submit(page, 'data-scope="everywhere"')).status).toBe(303);
    expect((await asking).status).toBe(401);
    expect(await whoIs(house, browser)).toBeNull();
    expect(await grantOf(house, "jiwoo")).toMatchObject({
      endReason: "signed_out",
      sealedRefreshToken: null,
      tokens: 0,
    });
  });
});
