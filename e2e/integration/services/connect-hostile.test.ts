import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import {
  callbackFor,
  callNotes,
  codeOf,
  connections,
  connectNotes,
  exchanges,
  forgetConnections,
  startConnecting,
} from "../../support/connecting";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { shareTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
});
afterEach(() => forgetConnections(app));
afterAll(() => app.close());

/** What a refused callback has to leave behind: nothing, but for one row that says so in the trail of whoever asked. */
async function expectRefused(browser: HttpBrowser, page: Page, code: string, asked: number): Promise<void> {
  expect([page.status, codeOf(page), new URL(page.location ?? "").pathname]).toEqual([303, code, "/auth-error"]);
  expect([await exchanges(app), await connections(app)]).toEqual([asked, []]);
  const me = await whoIs(app, browser);
  expect(await lastAudit(app, "service.denied")).toMatchObject({
    outcome: "failure",
    reason: code,
    userId: me?.user.id,
    requestId: page.headers.get("x-request-id"),
  });
}

const transactions = (browser: HttpBrowser) =>
  browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."));

describe("a callback", () => {
  it("in another browser connects nothing: whoever began it has to be there", async () => {
    const [attacker, victim] = [await signedIn(app, { user: "haneul" }), await signedIn(app)];
    const callback = await callbackFor(app, attacker, { user: "n-haneul" });
    await expectRefused(victim, await victim.request(callback), "state_mismatch", 0);
  });

  it.each(["minsu", "haneul"])(
    "in another session connects nothing, cookie or not: %s signed in meanwhile",
    async (user) => {
      const browser = await signedIn(app);
      const callback = await callbackFor(app, browser);
      const later = await signedIn(app, { user });
      for (const name of transactions(browser)) later.setCookie(app.url, name, browser.cookie(app.url, name) ?? "");
      await expectRefused(later, await later.request(callback), "state_mismatch", 0);
      // Nor does it afterwards where it began: the cookie came along, and the state is still good for that session alone.
      expect(transactions(later)).toEqual([]);
    },
  );

  it("that comes again exchanges nothing, and leads where the first one led", async () => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser, { returnTo: "/services/notes" });
    const thief = browser.clone();
    expect((await browser.request(callback)).location).toBe(`${app.url}/services/notes`);
    expect((await thief.request(callback)).location).toBe(`${app.url}/services/notes`);
    expect((await browser.request(callback)).location).toBe(`${app.url}/account/connections`);
    expect(await lastAudit(app, "service.denied")).toMatchObject({ reason: "state_mismatch" });
    expect([await exchanges(app), (await connections(app)).length]).toEqual([1, 1]);
  });

  it("that is delivered twice at once, to two instances, is exchanged once", async () => {
    const sibling = await app.startSibling();
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser);
    const twin = browser.clone();
    await Promise.all([browser.request(callback), twin.request(callback.replace(app.url, sibling.url))]);
    expect([await exchanges(app), (await connections(app)).length]).toEqual([1, 1]);
    expect((await callNotes(app, browser)).status).toBe(200);
    await sibling.stop();
  });

  it("of each of two tabs connects, one after the other or both at once", async () => {
    const browser = await signedIn(app);
    for (const before of ["none", "one"]) {
      const callbacks = [await callbackFor(app, browser), await callbackFor(app, browser, { more: true })];
      const answers = await Promise.all(callbacks.map((callback) => browser.request(callback)));
      expect([before, ...answers.map(codeOf)]).toEqual([before, null, null]);
      expect(await connections(app)).toHaveLength(1);
      expect((await callNotes(app, browser)).status).toBe(200);
    }
    expect(transactions(browser)).toEqual([]);
  });

  it("of a form that was sent twice connects with the one that came back", async () => {
    const browser = await signedIn(app);
    await startConnecting(app, browser);
    await connectNotes(app, browser);
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it.each([
    ["without a state", (url: URL) => url.searchParams.delete("state"), "state_mismatch"],
    ["with another state", (url: URL) => url.searchParams.set("state", "x"), "state_mismatch"],
    ["with a huge state", (url: URL) => url.searchParams.set("state", "x".repeat(3000)), "state_mismatch"],
    ["without a code", (url: URL) => url.searchParams.delete("code"), "invalid_response"],
    ["with a parameter twice", (url: URL) => url.searchParams.append("code", "other"), "invalid_request"],
    ["with a token in it", (url: URL) => url.searchParams.set("access_token", "x"), "invalid_response"],
    ["of another issuer", (url: URL) => url.searchParams.set("iss", "https://evil.example"), "issuer_mismatch"],
    ["without the issuer that it promised", (url: URL) => url.searchParams.delete("iss"), "issuer_mismatch"],
  ])("%s is refused, and no code is sent anywhere", async (_, change, code) => {
    const browser = await signedIn(app);
    const url = new URL(await callbackFor(app, browser));
    change(url);
    await expectRefused(browser, await browser.request(url.href), code, 0);
  });

  it("signs nobody in at the callback of a sign-in, nor does a sign-in's connect anything", async () => {
    const browser = await signedIn(app);
    const callback = new URL(await callbackFor(app, browser));
    callback.pathname = "/api/auth/callback/company";
    const me = await whoIs(app, browser);
    await browser.request(callback.href);
    expect(await whoIs(app, browser)).toEqual(me);

    const asked = new URL((await startSignIn(app, browser)).location ?? "");
    const state = asked.searchParams.get("state") ?? "";
    const back = `${app.url}/api/connect/notes/callback?${new URLSearchParams({ state, code: "x", iss: app.issuers.notes ?? "" })}`;
    await expectRefused(browser, await browser.request(back), "state_mismatch", 0);
  });
});

describe("the cookies of connecting", () => {
  it("are at most five together with those of signing in, whichever comes first", async () => {
    const browser = await signedIn(app);
    for (let n = 0; n < 4; n += 1) await startConnecting(app, browser);
    for (let n = 0; n < 4; n += 1) await startSignIn(app, browser);
    expect(transactions(browser)).toHaveLength(5);
    const callback = await callbackFor(app, browser);
    for (let n = 0; n < 2; n += 1) await startSignIn(app, browser);
    expect(transactions(browser)).toHaveLength(5);
    // The newest ones are kept.
    expect(codeOf(await browser.request(callback))).toBeNull();
    for (let n = 0; n < 7; n += 1) await startConnecting(app, browser, { returnTo: `/${"a".repeat(2000)}` });
    expect(browser.cookieHeader(app.url).length).toBeLessThan(8000);
  });

  it("last a quarter of an hour, and tell nothing", async () => {
    const browser = await signedIn(app);
    const away = await startConnecting(app, browser, { returnTo: "/services/notes" });
    const [line = "", ...others] = away.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(line).toMatch(/^daemun\.tx\.[^=]+=[\w.~-]+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/);
    expect(line).not.toContain(new URL(away.location ?? "").searchParams.get("state") ?? "?");
  });
});

const token = (fault: FaultRuleInput["fault"]): FaultRuleInput => ({ endpoint: "token", fault });
const answer = (json: Record<string, unknown>, status = 200) => token({ kind: "respond", status, json });
const idToken = (change: Record<string, unknown>) => token({ kind: "id_token", ...change } as FaultRuleInput["fault"]);
const tokens = { access_token: "a", token_type: "Bearer", expires_in: 60 };

describe("a service that misbehaves", () => {
  it.each<[string, FaultRuleInput, string]>([
    ["says no", answer({ error: "invalid_grant" }, 400), "provider_error"],
    ["does not know this app", answer({ error: "invalid_client" }, 401), "provider_misconfigured"],
    [
      "does not know this app, in the words of HTTP",
      token({
        kind: "respond",
        status: 401,
        headers: { "www-authenticate": "Basic realm=x" },
        json: { error: "invalid_client" },
      }),
      "provider_misconfigured",
    ],
    ["is broken", answer({}, 503), "provider_unavailable"],
    ["has had enough", answer({}, 429), "provider_unavailable"],
    ["hangs up", token({ kind: "reset" }), "provider_unavailable"],
    ["never answers", token({ kind: "hang" }), "provider_timeout"],
    ["drips", token({ kind: "drip", everyMs: 1000, bytes: 1 }), "provider_timeout"],
    ["floods", token({ kind: "flood", bytes: 5_000_000, contentType: "application/json" }), "invalid_response"],
    [
      "answers with a page",
      token({ kind: "respond", status: 200, headers: { "content-type": "text/html" }, body: "<p>" }),
      "invalid_response",
    ],
    [
      "sends elsewhere",
      token({ kind: "respond", status: 302, headers: { location: "https://evil.example/" }, body: "" }),
      "provider_misconfigured",
    ],
    ["gives no ID token", token({ kind: "json", remove: ["id_token"] }), "invalid_response"],
    ["gives an ID token of another sign-in", idToken({ setClaims: { nonce: "x" } }), "id_token_invalid"],
    ["gives an ID token without nonce", idToken({ removeClaims: ["nonce"] }), "invalid_response"],
    ["gives an ID token for another client", idToken({ setClaims: { aud: "other" } }), "id_token_invalid"],
    [
      "gives an ID token of another issuer",
      idToken({ setClaims: { iss: "https://evil.example" } }),
      "id_token_invalid",
    ],
    ["gives an ID token of yesterday", idToken({ setClaims: { iat: 1, exp: 2 } }), "id_token_invalid"],
    ["signs with another key", idToken({ signWith: "other-key" }), "id_token_invalid"],
    ["signs with nothing", idToken({ signWith: "none" }), "invalid_response"],
    [
      "gives a token that fits no header",
      token({ kind: "json", set: { access_token: "a\r\nx: y" } }),
      "invalid_response",
    ],
    ["gives no token", token({ kind: "json", remove: ["access_token"] }), "invalid_response"],
    ["gives a token of another type", token({ kind: "json", set: { token_type: "mac" } }), "invalid_response"],
    ["says no number of seconds", token({ kind: "json", set: { expires_in: "soon" } }), "invalid_response"],
  ])("%s: nothing is kept, and the person is told", async (_, fault, code) => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser);
    await app.control.addFault("notes", fault);
    const begun = Date.now();
    await expectRefused(browser, await browser.request(callback), code, 1);
    expect(Date.now() - begun).toBeLessThan(10_000);
    await app.control.clearFaults("notes");
    await connectNotes(app, browser);
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("leaves the connection as it was when another attempt fails", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    const callback = await callbackFor(app, browser, { more: true });
    await app.control.addFault("notes", answer({ error: "invalid_grant" }, 400));
    expect(codeOf(await browser.request(callback))).toBe("provider_error");
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("writes what it likes about scopes, and is held to words", async () => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser);
    const scope = `notes:read \u0000 \u202e "x" ${"y".repeat(5000)} notes:read`;
    await app.control.addFault("notes", token({ kind: "json", set: { scope } }));
    expect(codeOf(await browser.request(callback))).toBeNull();
    expect(await connections(app)).toMatchObject([{ scope: "notes:read" }]);
  });

  it.each<[string, FaultRuleInput, string]>([
    ["is away", { endpoint: "discovery", fault: { kind: "reset" }, times: null }, "provider_unavailable"],
    ["never answers", { endpoint: "discovery", fault: { kind: "hang" }, times: null }, "provider_timeout"],
    [
      "says it is another",
      { endpoint: "discovery", fault: { kind: "json", set: { issuer: "https://evil.example" } }, times: null },
      "provider_misconfigured",
    ],
    [
      "has its token endpoint elsewhere",
      {
        endpoint: "discovery",
        fault: { kind: "json", set: { token_endpoint: "https://evil.example/token" } },
        times: null,
      },
      "provider_misconfigured",
    ],
  ])("%s: nobody is sent there", async (_, fault, code) => {
    const browser = await signedIn(app);
    await app.control.addFault("notes", fault);
    const page = await startConnecting(app, browser);
    expect(page.headers.get("location") ?? "").not.toContain(app.issuers.notes ?? "?");
    expect(await lastAudit(app, "service.denied")).toMatchObject({ reason: code });
    expect(transactions(browser)).toEqual([]);
  });

  it("is told in the page and the log without a token, a code or a state", async () => {
    const browser = await signedIn(app);
    const callbacks: string[] = [];
    const pages: Page[] = [];
    for (const fault of [null, idToken({ setClaims: { nonce: "x" } }), answer({ ...tokens, error: "x" }, 400)]) {
      const callback = await callbackFor(app, browser);
      callbacks.push(callback);
      if (fault) await app.control.addFault("notes", fault);
      pages.push(await browser.request(callback), await callNotes(app, browser));
    }
    const issued = (await app.control.issued("notes")).flatMap((entry) =>
      [entry.accessToken, entry.refreshToken, entry.idToken].filter((one) => one !== null),
    );
    const codes = callbacks.flatMap((url) =>
      ["code", "state"].map((name) => new URL(url).searchParams.get(name) ?? ""),
    );
    expect(issued.length).toBeGreaterThan(5);
    const trail = JSON.stringify(await app.rows(`SELECT * FROM "AuditEvent"`));
    const said = [
      app.instance.output(),
      trail,
      ...pages.map(({ body, headers }) => body + JSON.stringify([...headers])),
    ];
    for (const secret of [...issued, ...codes, "a-client-of-the-tests"])
      expect(said.filter((text) => text.includes(secret))).toEqual([]);
    const kept = JSON.stringify(await app.rows(`SELECT * FROM "Grant" g JOIN "AccessToken" t ON t."grantId" = g.id`));
    expect(issued.filter((one) => kept.includes(one))).toEqual([]);
  });
});
