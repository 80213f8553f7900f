import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  grantOf,
  openTokenApp,
  probe,
  refreshes,
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
  await app.rows(`TRUNCATE "Session" CASCADE`);
});
afterAll(() => app?.close());

const remembered = { extra: { remember: "1" } };

/** The newest session that a user has begun. */
async function sessionOf(user: string) {
  const [row] = await app.rows<Record<string, unknown> & { roles: string[] }>(
    `SELECT * FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [user],
  );
  return row;
}

/** The newest session of a user began an hour ago, and nobody has asked for its tokens since. */
async function age(user: string, hours = 1) {
  const session = await sessionOf(user);
  await app.rows(`UPDATE "Session" SET "createdAt" = "createdAt" - make_interval(hours => $2) WHERE id = $1`, [
    session?.id,
    hours,
  ]);
  await app.rows(`UPDATE "Grant" SET "updatedAt" = "updatedAt" - make_interval(hours => $2) WHERE "sessionId" = $1`, [
    session?.id,
    hours,
  ]);
  await app.control.clearJournal("company");
}

describe("a refresh that the sign-in provider refuses", () => {
  it.each([
    ["revoked", { error: "invalid_grant" }],
    ["said to be over in GitHub's word", { error: "bad_refresh_token" }],
    ["denied for nothing in particular", { error: "access_denied" }],
  ])("FF-16: ends the session of whoever's grant is %s", async (_, json) => {
    const browser = await withExpiredTokens(app, "eunji");
    await spoilRefresh(app, { kind: "respond", status: 400, json });
    expect(await probe(app.url, browser)).toMatchObject({ status: 401, error: "reauthentication_required" });
    expect(await sessionOf("eunji")).toMatchObject({ endReason: "signed_out_by_provider", endedBy: "provider" });
    expect(await lastAudit(app, "session.revoked")).toMatchObject({
      outcome: "success",
      reason: "signed_out_by_provider",
      provider: "company",
      detail: { cause: json.error },
    });
    for (const base of [app.url, sibling.url]) {
      expect(await probe(base, browser)).toMatchObject({ status: 401, error: "signed_out_by_provider" });
    }
    expect(await refreshes(app)).toHaveLength(1);
  });

  it("FF-16: one target that is denied, or an interaction that is wanted, ends nothing", async () => {
    for (const error of ["access_denied", "interaction_required", "invalid_target"]) {
      const browser = await withExpiredTokens(app, "minsu", [{ resource: shopping }]);
      await spoilRefresh(app, { kind: "respond", status: 400, json: { error } });
      expect((await probe(app.url, browser, { resource: shopping })).status).toBeGreaterThanOrEqual(400);
      expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    }
  });

  it("FF-16: whatever was answered before, one that was not lost leaves no doubt: the session ends", async () => {
    for (const fault of [
      { kind: "respond", status: 503, json: {} },
      { kind: "respond", status: 403, body: "blocked" },
    ] as const) {
      const browser = await withExpiredTokens(app, "minsu");
      await spoilRefresh(app, fault);
      expect((await probe(app.url, browser)).status).toBe(503);
      await app.control.revokeGrants("company", { sub: "minsu" });
      await expect.poll(() => probe(sibling.url, browser)).toMatchObject({ error: "signed_out_by_provider" });
    }
  });

  it("FF-16: after an answer that was lost, a refresh that works leaves no doubt either", async () => {
    const browser = await withExpiredTokens(app, "minsu");
    // The connection ends before anything happens there, which nobody here can know.
    await spoilRefresh(app, { kind: "reset" });
    expect((await probe(app.url, browser)).status).toBe(503);
    await expect.poll(async () => (await probe(app.url, browser)).status).toBe(200);
    await app.control.revokeGrants("company", { sub: "minsu" });
    await expireTokens(app);
    expect(await probe(app.url, browser)).toMatchObject({ error: "reauthentication_required" });
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("FF-16: where configuration says so, the session goes on without roles", async () => {
    const lenient = await app.startSibling({ ON_REFUSED_REFRESH: "drop-roles" });
    const browser = await withExpiredTokens(app, "haneul");
    expect(await sessionOf("haneul")).toMatchObject({ roles: ["admin"] });
    await app.control.revokeGrants("company", { sub: "haneul" });
    expect(await probe(lenient.url, browser)).toMatchObject({ status: 401, error: "reauthentication_required" });
    expect(await sessionOf("haneul")).toMatchObject({ endedAt: null, roles: [], confirmation: "refused" });
    const { claims } = (await whoIs(app, browser)) as unknown as { claims: Record<string, unknown> };
    expect([claims.roles, claims.organizations, claims.organization_roles]).toEqual([undefined, undefined, undefined]);
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
    expect(await probe(app.url, browser)).toMatchObject({ error: "reauthentication_required" });
  });
});

describe("a grant that is shorter than a remembered session", () => {
  /** A remembered session whose grant's end the provider has told, and that is over. */
  async function lapsed(browser = new HttpBrowser()) {
    const started = await startSignIn(app, browser, remembered);
    const back = await meetProvider(app, browser, started, "haneul");
    const fault = { kind: "json", set: { refresh_expires_in: 1 } } as const;
    await app.control.addFault("company", { endpoint: "token", grantType: "authorization_code", fault });
    expect((await browser.request(back.location ?? "")).status).toBe(303);
    await app.control.revokeGrants("company", { sub: "haneul" });
    await expireTokens(app);
    const { id } = await grantOf(app, "haneul");
    await app.rows(`UPDATE "Grant" SET "refreshExpiresAt" = "refreshExpiresAt" - interval '1 minute' WHERE id = $1`, [
      id,
    ]);
    expect(await probe(app.url, browser)).toMatchObject({ status: 401, error: "reauthentication_required" });
    return browser;
  }

  it("FF-16: ends with the session kept and its roles off; the next page has it confirmed, silently", async () => {
    const browser = await lapsed();
    const before = await sessionOf("haneul");
    expect(before).toMatchObject({ endedAt: null, roles: [], confirmation: "due" });
    expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul" });
    // Nobody has to click anything on the way.
    const page = await browser.visit(`${sibling.url}/account`);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, "/account"]);
    const after = await sessionOf("haneul");
    expect(after).toMatchObject({ endedAt: null, roles: ["admin"], confirmation: null, rememberMe: true });
    expect(after?.id).not.toBe(before?.id);
    expect((await probe(app.url, browser)).status).toBe(200);
  });

  it("FF-16: asks once: whoever does not confirm goes on without roles, and is asked again where some are needed", async () => {
    const browser = await lapsed();
    const asked = await browser.request(`${app.url}/account`);
    expect(asked.location).toContain("/api/session/step-up");
    expect((await browser.request(asked.location ?? "")).location).toContain(app.issuers.company ?? "-");
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
    expect(await sessionOf("haneul")).toMatchObject({ roles: [], confirmation: "asked" });
  });

  it("FF-16: is guessed where the provider does not tell, after a pause that an ordinary session would not survive", async () => {
    const browser = await signedIn(app, { user: "haneul", ...remembered });
    await age("haneul");
    await app.control.revokeGrants("company", { sub: "haneul" });
    await expireTokens(app);
    expect(await probe(app.url, browser)).toMatchObject({ error: "reauthentication_required" });
    expect(await sessionOf("haneul")).toMatchObject({ endedAt: null, roles: [], confirmation: "due" });
  });

  it("FF-16: is none of that without such a pause: whoever is active and refused has been disabled", async () => {
    const browser = await signedIn(app, { user: "haneul", ...remembered });
    await app.control.revokeGrants("company", { sub: "haneul" });
    await expireTokens(app);
    expect(await probe(app.url, browser)).toMatchObject({ error: "reauthentication_required" });
    expect(await sessionOf("haneul")).toMatchObject({ endReason: "signed_out_by_provider" });
  });
});

describe("an active user whom nobody has asked a token of", () => {
  it("FF-16: disabled at the provider, loses the session within the time that configuration gives", async () => {
    const watchful = await app.startSibling({ RECHECK_SECONDS: "2" });
    const browser = await signedIn(app, { user: "jiwoo" });
    await app.control.removeUser("company", "jiwoo");
    const page = async () => (await browser.request(`${watchful.url}/account`)).location ?? "";
    await expect.poll(page, { interval: 200 }).toContain("error=signed_out_by_provider");
    expect(await sessionOf("jiwoo")).toMatchObject({ endReason: "signed_out_by_provider", endedBy: "provider" });
  });

  it("FF-16: is looked at once, whatever the number of instances and of pages, and after their answers", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    await age("minsu");
    await spoilRefresh(app, { kind: "delay", delayMs: 1_500 });
    const pages = [app.url, sibling.url].flatMap((base) =>
      Array.from({ length: 5 }, () => browser.clone().request(`${base}/account`)),
    );
    expect((await Promise.all(pages)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    await expect.poll(async () => (await refreshes(app)).map(({ status }) => status)).toEqual([200]);
    await expect.poll(async () => (await grantOf(app, "minsu")).refreshCount).toBe(1);
    for (const base of [app.url, sibling.url]) expect((await browser.request(`${base}/account`)).status).toBe(200);
    expect(await refreshes(app)).toHaveLength(1);
  });

  it("FF-16: is not looked at for what is no activity, nor where configuration turns it off", async () => {
    const indifferent = await app.startSibling({ RECHECK_SECONDS: "0" });
    const browser = await signedIn(app, { user: "minsu" });
    await age("minsu");
    expect((await browser.fetch(`${app.url}/api/session`)).status).toBe(200);
    expect((await browser.request(`${indifferent.url}/account`)).status).toBe(200);
    const active = await signedIn(app, { user: "eunji" });
    await age("eunji");
    // What comes later is asked after them.
    await active.request(`${app.url}/account`);
    await expect.poll(async () => (await grantOf(app, "eunji")).refreshCount).toBe(1);
    expect((await grantOf(app, "minsu")).refreshCount).toBe(0);
    expect(await refreshes(app)).toHaveLength(1);
  });

  it.each([
    ["answers 503", { kind: "respond", status: 503, json: {} }],
    ["resets the connection", { kind: "reset" }],
  ] as const)("FF-16: keeps everything while the provider %s, without activity being counted", async (_, fault) => {
    const browser = await signedIn(app, { user: "haneul" });
    await age("haneul");
    const { sealedRefreshToken } = await grantOf(app, "haneul");
    await spoilRefresh(app, fault, null);
    const before = await sessionOf("haneul");
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    await expect.poll(async () => (await grantOf(app, "haneul")).leaseHolder).toBeNull();
    expect(await sessionOf("haneul")).toMatchObject({
      endedAt: null,
      roles: ["admin"],
      lastActiveAt: before?.lastActiveAt,
    });
    expect((await grantOf(app, "haneul")).sealedRefreshToken).toBe(sealedRefreshToken);
  });

  it("FF-16: after a sign-in again is like anybody", async () => {
    const browser = await withExpiredTokens(app, "minsu");
    await app.control.revokeGrants("company", { sub: "minsu" });
    await probe(app.url, browser);
    expect((await signIn(app, browser)).status).toBe(303);
    expect((await probe(app.url, browser)).status).toBe(200);
  });
});
