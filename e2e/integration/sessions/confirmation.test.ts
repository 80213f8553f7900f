import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connections, connectNotes, forgetConnections, startConnecting, tokenOfForms } from "../../support/connecting";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signedInLongAgo, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(async () => {
  await app.control.setClock("company", 0);
  await app.control.clearFaults("company");
  await forgetConnections(app);
});
afterAll(() => app.close());

async function post(browser: HttpBrowser, path: string, fields: Record<string, string> = {}, headers = {}) {
  const form = { csrfToken: await tokenOfForms(app, browser), ...fields };
  return browser.request(app.url + path, { method: "POST", form, headers });
}

const everywhere = (browser: HttpBrowser, headers = {}) =>
  post(browser, "/api/auth/signout", { scope: "everywhere" }, headers);
const script = { "Sec-Fetch-Mode": "cors", Accept: "application/json" };

/** Goes through the provider, as whoever is there, and back to the page that asked. */
async function confirm(browser: HttpBrowser, asked: Page, user: string): Promise<Page> {
  const started = asked.status === 303 ? await browser.request(asked.location ?? "") : asked;
  expect(new URL(started.location ?? "").searchParams.get("max_age")).toBe("600");
  const back = await meetProvider(app, browser, started, user);
  return browser.request(back.location ?? "");
}

describe("FF-15: what reaches past a session wants a recent sign-in", () => {
  it("FF-15: signing out everywhere is confirmed at the provider, and coming back from there does it", async () => {
    const other = await signedIn(app, { user: "haneul" });
    const mine = await signedInLongAgo(app, "haneul");
    const asked = await everywhere(mine);
    expect(asked.status).toBe(302);
    expect(await whoIs(app, other)).toMatchObject({ sub: "haneul" });
    expect(await whoIs(app, mine)).toMatchObject({ sub: "haneul" });
    const back = await confirm(mine, asked, "haneul");
    // With a token as long as this one it is a page that leads there (FF-64).
    const [, written = ""] = /href="([^"]+)" data-continue/.exec(back.body) ?? [];
    const target = new URL(back.location ?? written.replaceAll("&amp;", "&"));
    expect([target.origin, target.searchParams.has("id_token_hint")]).toEqual([app.issuers.company, true]);
    expect(await whoIs(app, other)).toBeNull();
    expect(await whoIs(app, mine)).toBeNull();
    expect(await app.rows(`SELECT 1 FROM "Session" WHERE "endedAt" IS NULL AND subject = 'haneul'`)).toEqual([]);
    const { detail } = (await lastAudit(app, "sign_out")) ?? {};
    expect(detail).toMatchObject({ scope: "everywhere" });
    expect(detail).not.toHaveProperty("confirmed");
    const told = await mine.request(`${app.url}/signed-out?state=${target.searchParams.get("state")}`);
    expect(told.body).toContain("sessions, on all your devices");
  });

  it("FF-15: another person who comes back from there signs nobody out", async () => {
    const other = await signedIn(app, { user: "haneul" });
    const mine = await signedInLongAgo(app, "haneul");
    await app.control.addFault("company", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: { sub: "minsu" } },
    });
    const refused = await confirm(mine, await everywhere(mine), "haneul");
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("identity_mismatch");
    for (const browser of [other, mine]) expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul" });
  });

  it.each([
    ["is down", { kind: "reset" }],
    ["answers with an error", { kind: "respond", status: 503 }],
    ["says that it is another", { kind: "json", set: { issuer: "https://evil.example" } }],
  ] as const)(
    "FF-15, LO-05: where the provider %s, a user's own sessions end unconfirmed, and the trail says so",
    async (_, fault) => {
      const others = [await signedIn(app, { user: "eunji" }), await signedIn(app, { user: "eunji" })];
      const mine = await signedInLongAgo(app, "eunji");
      await app.control.addFault("company", { endpoint: "discovery", times: null, fault });
      const ended = await post(mine, "/api/account/sessions/end", { which: "others" });
      expect([ended.status, ended.location]).toEqual([303, `${app.url}/account/sessions?ended=1`]);
      for (const other of others) expect(await whoIs(app, other)).toBeNull();
      expect(await lastAudit(app, "session.revoked")).toMatchObject({ detail: { cause: "self", confirmed: false } });
      const out = await everywhere(mine);
      expect([out.status, out.location]).toEqual([303, `${app.url}/signed-out`]);
      expect(await whoIs(app, mine)).toBeNull();
      expect(await lastAudit(app, "sign_out")).toMatchObject({ detail: { scope: "everywhere", confirmed: false } });
    },
  );

  it("FF-15: connecting and disconnecting a service wait for the confirmation, and work after it", async () => {
    const mine = await signedInLongAgo(app, "minsu");
    const asked = await startConnecting(app, mine, { returnTo: "/account/connections?a=1" });
    expect(new URL(asked.location ?? "").pathname).toBe("/api/session/step-up");
    const back = await confirm(mine, asked, "minsu");
    expect(back.location).toBe(`${app.url}/account/connections?a=1`);
    await connectNotes(app, mine);

    const later = await signedInLongAgo(app, "minsu");
    const turned = await post(later, "/api/connect/notes/disconnect");
    expect(new URL(turned.location ?? "").pathname).toBe("/api/session/step-up");
    expect(await connections(app)).toHaveLength(1);
    expect((await confirm(later, turned, "minsu")).location).toBe(`${app.url}/account/connections`);
    expect((await post(later, "/api/connect/notes/disconnect")).location).toBe(`${app.url}/account/connections`);
    expect(await connections(app)).toEqual([]);
  });

  it("FF-15: a script is told so, which cannot go to the provider", async () => {
    const mine = await signedInLongAgo(app, "minsu");
    for (const answered of [
      await everywhere(mine, script),
      await post(mine, "/api/connect/notes", {}, script),
      await post(mine, "/api/connect/notes/disconnect", {}, script),
    ]) {
      expect([answered.status, JSON.parse(answered.body).error]).toEqual([401, "step_up_required"]);
    }
    expect(await whoIs(app, mine)).toMatchObject({ sub: "minsu" });
  });

  it("FF-15: signing out of this device wants none", async () => {
    const mine = await signedInLongAgo(app, "minsu");
    expect((await post(mine, "/api/auth/signout", { scope: "device" })).location).toBe(`${app.url}/signed-out`);
  });
});

describe("FF-19: how long ago somebody signed in", () => {
  /** Signed in at a provider that says the user proved who they are so many seconds before, and is off by some itself. */
  async function signedInBefore(seconds: number, skew: number): Promise<HttpBrowser> {
    const iat = Math.floor(Date.now() / 1000) + skew;
    const setClaims = { auth_time: iat - seconds, iat, exp: iat + 300 };
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", setClaims } });
    return signedIn(app, { user: "jiwoo" });
  }

  it.each([-25, 0, 25])(
    "FF-19: 615 seconds are too long for 600, and 300 are not, with a clock off by %i",
    async (skew) => {
      const late = await signedInBefore(615, skew);
      expect((await post(late, "/api/account/sessions/end", { which: "others" })).status).toBe(302);
      const recent = await signedInBefore(300, skew);
      expect((await post(recent, "/api/account/sessions/end", { which: "others" })).status).toBe(303);
    },
  );

  it("FF-19: a confirmation that is older than it had to be is none", async () => {
    const late = await signedInLongAgo(app, "jiwoo");
    const asked = await post(late, "/api/account/sessions/end", { which: "others" });
    const iat = Math.floor(Date.now() / 1000);
    const setClaims = { auth_time: iat - 610, iat };
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", setClaims } });
    const refused = await confirm(late, asked, "jiwoo");
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("id_token_invalid");
  });
});
