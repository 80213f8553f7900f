import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { count, lastAudit } from "./expectations";
import { type House, openHouse, signedIn, whoIs } from "./house";
import { HttpBrowser, type Page } from "./http-browser";

let house: House;
let sibling: RunningApp;
beforeAll(async () => {
  house = await openHouse({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
  sibling = await house.startSibling();
});
afterEach(async () => {
  await house.control.clearFaults("company");
});
afterAll(() => house.close());

async function leave(browser: HttpBrowser, scope: "device" | "provider" | "everywhere"): Promise<Page> {
  const page = await browser.request(`${house.url}/sign-out`);
  return browser.submit(page, `data-scope="${scope}"`);
}

async function leftTokens(sid: string) {
  return house.rows(
    `SELECT g."sealedRefreshToken", g."sealedIdToken", g."endReason", (SELECT count(*)::int FROM "AccessToken" t WHERE t."grantId" = g.id) tokens
     FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s.id = $1`,
    [sid],
  );
}

async function newestSession(subject: string) {
  const [row] = await house.rows<{ id: string; endedAt: Date | null; endReason: string | null }>(
    `SELECT id, "endedAt", "endReason" FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [subject],
  );
  return row;
}

describe("signing out", () => {
  it("LO-01: ends the row first, then cookies, then the provider's session, and revokes the refresh token", async () => {
    const browser = await signedIn(house);
    const session = await newestSession("minsu");
    const issued = (await house.control.issued("company")).at(-1);
    await house.control.clearJournal("company");
    const answered = await leave(browser, "provider");
    expect(answered.status).toBe(303);
    expect(await newestSession("minsu")).toMatchObject({
      id: session?.id,
      endedAt: expect.any(Date),
      endReason: "signed_out",
    });

    const target = new URL(answered.location ?? "");
    expect(target.origin).toBe(house.issuers.company);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      id_token_hint: issued?.idToken,
      client_id: "daemun",
      post_logout_redirect_uri: `${house.url}/signed-out`,
      state: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(answered.headers.get("clear-site-data")).toBe('"cache"');
    expect(answered.headers.getSetCookie().find((line) => line.startsWith("daemun.session="))).toBe(
      "daemun.session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    );
    const [revocation] = await house.control.journal("company", { endpoint: "revocation" });
    expect(revocation?.form).toMatchObject({ token: issued?.refreshToken, token_type_hint: "refresh_token" });
    expect(await leftTokens(session?.id ?? "")).toEqual([
      { sealedRefreshToken: null, sealedIdToken: null, endReason: "signed_out", tokens: 0 },
    ]);
    expect(await lastAudit(house, "sign_out")).toMatchObject({
      outcome: "success",
      detail: { scope: "provider", count: 1 },
    });

    // The provider sends the person back, and the page says what was ended.
    const back = await browser.visit(`${house.url}/signed-out?state=${target.searchParams.get("state")}`);
    expect(back.status).toBe(200);
    expect(back.body).toContain("company");
    expect(await whoIs(house, browser)).toBeNull();
  });

  it("ends this device alone when that is asked: the provider is not visited", async () => {
    const browser = await signedIn(house);
    const other = await signedIn(house);
    const answered = await leave(browser, "device");
    expect(answered.location).toBe(`${house.url}/signed-out`);
    expect(await whoIs(house, browser)).toBeNull();
    expect((await whoIs(house, other))?.sub).toBe("minsu");
  });

  it("LO-05: everywhere ends every session of that person on every instance, and nobody else's", async () => {
    const [first, second] = [await signedIn(house, { person: "eunji" }), await signedIn(house, { person: "eunji" })];
    const stranger = await signedIn(house, { person: "jiwoo" });
    const answered = await leave(first, "everywhere");
    expect(new URL(answered.location ?? "").origin).toBe(house.issuers.company);
    for (const base of [house.url, sibling.url]) {
      for (const browser of [first, second]) expect((await browser.fetch(`${base}/api/me`)).status).toBe(401);
      expect((await stranger.fetch(`${base}/api/me`)).status).toBe(200);
    }
    expect((await lastAudit(house, "sign_out"))?.detail).toMatchObject({ scope: "everywhere", count: 2 });
  });

  it.each([
    ["has no end_session_endpoint", { kind: "json", remove: ["end_session_endpoint"] }],
    ["is down", { kind: "reset" }],
    ["hangs", { kind: "hang" }],
  ] as const)("LO-05: lands at home and says so when the provider %s", async (_what, fault) => {
    const browser = await signedIn(house);
    await house.control.addFault("company", { endpoint: "discovery", times: null, fault: fault as never });
    const startedAt = Date.now();
    const answered = await leave(browser, "provider");
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(answered.location).toBe(`${house.url}/signed-out`);
    expect(await whoIs(house, browser)).toBeNull();
    const page = await browser.request(answered.location ?? "");
    expect(page.status).toBe(200);
    expect(page.body).toContain("company");
  });

  it("a revocation endpoint that fails does not keep anybody in", async () => {
    const browser = await signedIn(house);
    await house.control.addFault("company", { endpoint: "revocation", fault: { kind: "hang" } });
    expect((await leave(browser, "device")).status).toBe(303);
    expect(await whoIs(house, browser)).toBeNull();
  });

  it("LO-03: a GET ends nothing, nor does a form from elsewhere or with a foreign token", async () => {
    const browser = await signedIn(house);
    const page = await browser.request(`${house.url}/sign-out`);
    expect(page.status).toBe(200);
    const own = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const otherPage = await (await signedIn(house)).request(`${house.url}/sign-out`);
    const foreign = /name="csrfToken" value="([^"]+)"/.exec(otherPage.body)?.[1] ?? "";
    expect((await browser.fetch(`${house.url}/api/auth/signout`)).status).toBe(405);
    const tries: [Record<string, string>, string][] = [
      [{ Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }, own],
      [{ Origin: "null" }, own],
      [{}, foreign],
      [{}, ""],
    ];
    for (const [headers, csrfToken] of tries) {
      const answered = await browser.fetch(`${house.url}/api/auth/signout`, {
        method: "POST",
        form: { csrfToken },
        headers,
      });
      expect(answered.status).toBe(403);
      expect(answered.headers.getSetCookie()).toEqual([]);
    }
    expect((await whoIs(house, browser))?.sub).toBe("minsu");
    expect((await lastAudit(house, "csrf.rejected"))?.reason).toBe("csrf_rejected");
  });

  it("LO-03: twice, with garbage, or without a session is no fault", async () => {
    const browser = await signedIn(house);
    const form = { csrfToken: "x", scope: "device" };
    await leave(browser, "device");
    const before = await count(house);
    for (const cookie of [null, "garbage", "a.b.c.d.e"]) {
      if (cookie) browser.setCookie(house.url, "daemun.session", cookie);
      const answered = await browser.request(`${house.url}/api/auth/signout`, { method: "POST", form });
      expect(answered.status).toBe(303);
      expect(answered.location).toBe(`${house.url}/signed-out`);
    }
    expect((await count(house)).sessions).toBe(before.sessions);
    expect((await browser.request(`${house.url}/sign-out`)).status).toBe(200);
    expect((await browser.request(`${house.url}/signed-out`)).status).toBe(200);
  });

  it("a cookie whose session has ended ends nobody else's session, and is handed no ID token", async () => {
    const browser = await signedIn(house, { person: "maximilian" });
    const thief = browser.clone();
    await leave(browser, "device");
    const victim = await signedIn(house, { person: "maximilian" });
    const { csrfToken } = JSON.parse((await thief.fetch(`${house.url}/api/auth/csrf`)).body);
    const before = await house.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'sign_out'`);
    const answered = await thief.request(`${house.url}/api/auth/signout`, {
      method: "POST",
      form: { csrfToken, scope: "everywhere" },
    });
    expect(answered.location).not.toContain("id_token_hint");
    expect((await whoIs(house, victim))?.sub).toBe("maximilian");
    expect(await house.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'sign_out'`)).toHaveLength(before.length);
    // Nor is that told as a success.
    const told = (await thief.request(`${house.url}/signed-out`)).body;
    expect(told).toContain("Your sessions on other devices: sign in again to end them.");
  });

  it("a token that fits the browser alone ends no session", async () => {
    const browser = new HttpBrowser();
    const { csrfToken } = JSON.parse((await browser.fetch(`${house.url}/api/auth/csrf`)).body);
    const person = await signedIn(house);
    const form = { csrfToken, scope: "device" };
    person.setCookie(house.url, "daemun.browser", browser.cookie(house.url, "daemun.browser") ?? "");
    expect((await person.fetch(`${house.url}/api/auth/signout`, { method: "POST", form })).status).toBe(403);
    const own = JSON.parse((await person.fetch(`${house.url}/api/auth/csrf`)).body);
    expect((await person.request(`${house.url}/api/auth/signout`, { method: "POST", form: own })).status).toBe(303);
    expect(await whoIs(house, person)).toBeNull();
  });

  it("a second click on signing out at the provider goes there too", async () => {
    const browser = await signedIn(house);
    const page = await browser.request(`${house.url}/sign-out`);
    const [first, second] = await Promise.all([
      browser.clone().submit(page, 'data-scope="provider"'),
      browser.clone().submit(page, 'data-scope="provider"'),
    ]);
    for (const answered of [first, second]) expect(new URL(answered.location ?? "").origin).toBe(house.issuers.company);
  });

  it("of two cookies of one name, signing out ends the session that the pages show", async () => {
    const [planted, own] = [await signedIn(house, { person: "jiwoo" }), await signedIn(house)];
    const both = `daemun.session=${planted.cookie(house.url, "daemun.session")}; daemun.session=${own.cookie(house.url, "daemun.session")}`;
    const me = await new HttpBrowser().fetch(`${house.url}/api/me`, { headers: { Cookie: both } });
    expect(JSON.parse(me.body).sub).toBe("minsu");
    const page = await new HttpBrowser().request(`${house.url}/sign-out`, { headers: { Cookie: both } });
    const csrfToken = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const form = { csrfToken, scope: "device" };
    await new HttpBrowser().request(`${house.url}/api/auth/signout`, {
      method: "POST",
      form,
      headers: { Cookie: both },
    });
    expect(await whoIs(house, own)).toBeNull();
    expect((await whoIs(house, planted))?.sub).toBe("jiwoo");
  });

  it("no request in flight brings a session back", async () => {
    const browser = await signedIn(house);
    const thief = browser.clone();
    const page = await browser.request(`${house.url}/sign-out`);
    const parallel = Array.from({ length: 10 }, () => thief.request(`${house.url}/account`));
    await Promise.all([browser.submit(page, 'data-scope="device"'), ...parallel]);
    expect((await thief.fetch(`${house.url}/api/me`)).status).toBe(401);
    expect((await newestSession("minsu"))?.endedAt).toEqual(expect.any(Date));
  });

  it("an unknown choice is refused, and nothing ends", async () => {
    const browser = await signedIn(house);
    const page = await browser.request(`${house.url}/sign-out`);
    const answered = await browser.submit(page, 'data-scope="device"', { scope: "planet" });
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("invalid_request");
    expect((await whoIs(house, browser))?.sub).toBe("minsu");
  });
});
