import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import {
  callbackFor,
  codeOf,
  connections,
  disconnect,
  forgetConnections,
  revoked,
  startConnecting,
} from "../../support/connecting";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { clientId, clientSecret, signIn, type TestApp } from "../../support/test-app";

// The third party again, of which this app knows the endpoints alone.
let app: TestApp;
let address: string;
beforeAll(async () => {
  app = await openExtendedApp();
  const issuer = app.issuers.notes ?? "";
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const [client] = await app.control.clients("notes");
  const redirectUris = ["notes", "classic"].map((id) => `${app.url}/api/connect/${id}/callback`);
  if (client) await app.control.putClient("notes", { ...client, clientSecret, redirectUris });
  const instance = await app.startSibling({
    SERVICE_CLASSIC_URL: app.services.notes.url,
    SERVICE_CLASSIC_ID: clientId,
    SERVICE_CLASSIC_SECRET: clientSecret,
    CLASSIC_AUTHORIZE: metadata.authorization_endpoint,
    CLASSIC_TOKEN: metadata.token_endpoint,
    CLASSIC_REVOKE: metadata.revocation_endpoint,
    CLASSIC_USERINFO: metadata.userinfo_endpoint,
  });
  address = instance.url;
}, 300_000);
afterEach(() => forgetConnections(app));
afterAll(() => app?.close());

async function signedIn(): Promise<HttpBrowser> {
  const browser = new HttpBrowser(({ origin }) => (origin === app.url ? address : null));
  expect((await signIn(app, browser)).status).toBe(303);
  return browser;
}

async function call(browser: HttpBrowser): Promise<[number, string | undefined]> {
  const headers = { "X-CSRF": "1", Origin: app.url, "Sec-Fetch-Site": "same-origin" };
  const page = await browser.fetch(`${app.url}/api/services/classic/notes`, { headers });
  return [page.status, JSON.parse(page.body).error];
}

const service = "classic";
const token = (fault: FaultRuleInput["fault"]): FaultRuleInput => ({ endpoint: "token", fault });
const connect = async (browser: HttpBrowser) => browser.request(await callbackFor(app, browser, { service }));

describe("a service without discovery", () => {
  it("is connected, called and disconnected without an ID token, whatever it calls itself", async () => {
    const browser = await signedIn();
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
    const asked = new URL((await startConnecting(app, browser, { service })).location ?? "").searchParams;
    expect([asked.get("nonce"), asked.get("access_type"), asked.get("code_challenge_method")]).toEqual([
      null,
      "offline",
      "S256",
    ]);
    await app.control.addFault("notes", token({ kind: "id_token", setClaims: { sub: "somebody" }, signWith: "none" }));
    await app.control.addFault("notes", {
      endpoint: "authorization",
      fault: { kind: "callback", set: { iss: "https://classic.example/login/oauth" } },
      times: null,
    });
    expect(codeOf(await connect(browser))).toBeNull();
    expect(await connections(app)).toMatchObject([{ subject: null }]);
    expect((await call(browser))[0]).toBe(200);
    await disconnect(app, browser, service);
    await expect.poll(() => revoked(app)).toHaveLength(1);
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
  });

  it("has its token renewed with the refresh token that it gave", async () => {
    await app.control.setTokenLifetime("notes", 1);
    const browser = await signedIn();
    expect(codeOf(await connect(browser))).toBeNull();
    await expect
      .poll(async () => [...(await call(browser)), (await app.control.counters("notes")).refreshes > 0])
      .toEqual([200, undefined, true]);
    await app.control.setTokenLifetime("notes", 3600);
  });

  it("gives a token without an end and nothing to renew it with: it is used until it is refused, and then gone", async () => {
    const browser = await signedIn();
    await app.control.addFault("notes", token({ kind: "json", remove: ["expires_in", "refresh_token"] }));
    expect(codeOf(await connect(browser))).toBeNull();
    const [kept] = await app.rows<{ years: number }>(
      `SELECT extract(year FROM age("expiresAt", now()))::int AS years FROM "AccessToken" t
       JOIN "Grant" g ON g.id = t."grantId" WHERE g.service = 'classic'`,
    );
    expect(kept?.years).toBeGreaterThan(1);
    expect((await call(browser))[0]).toBe(200);
    app.services.notes.control.addFault({ fault: { kind: "unauthorized" }, times: 1 });
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
    expect(await connections(app)).toEqual([]);
    expect(codeOf(await connect(browser))).toBeNull();
    expect((await call(browser))[0]).toBe(200);
  });

  it("takes back an access token where it gave no other", async () => {
    const browser = await signedIn();
    await app.control.addFault("notes", token({ kind: "json", remove: ["refresh_token"] }));
    expect(codeOf(await connect(browser))).toBeNull();
    const [issued] = await app.control.issued("notes");
    await disconnect(app, browser, service);
    await expect.poll(() => revoked(app)).toEqual([issued?.accessToken]);
  });

  it("may say its scopes with commas", async () => {
    const browser = await signedIn();
    await app.control.addFault("notes", token({ kind: "json", set: { scope: "notes:read,offline_access" } }));
    expect(codeOf(await connect(browser))).toBeNull();
    expect(await connections(app)).toMatchObject([{ scope: "notes:read offline_access" }]);
  });

  it("gets no answer that was meant for another service", async () => {
    const browser = await signedIn();
    const callback = await callbackFor(app, browser, { service });
    const elsewhere = await browser.request(callback.replace("/classic/", "/notes/"));
    expect(codeOf(elsewhere)).toBe("state_mismatch");
    expect(await connections(app)).toEqual([]);
  });

  it("FF-07: tells at its userinfo endpoint whom the connection is of, with a new token where it refuses the kept one", async () => {
    const browser = await signedIn();
    const told = async () => JSON.parse((await browser.fetch(`${app.url}/desk/user-info?service=classic`)).body);
    expect(await told()).toEqual({ kind: "refused", code: "service_not_connected" });
    expect(codeOf(await connect(browser))).toBeNull();
    expect(await told()).toMatchObject({ kind: "claims", claims: { sub: "n-minsu" } });
    const refused = { kind: "respond", status: 401, json: { error: "invalid_token" } } as const;
    await app.control.addFault("notes", { endpoint: "userinfo", fault: refused });
    expect(await told()).toMatchObject({ kind: "claims", claims: { sub: "n-minsu" } });
    for (const [fault, code] of [
      [{ kind: "respond", status: 302, headers: { location: app.url } }, "provider_misconfigured"],
      [{ kind: "flood", bytes: 5_000_000, contentType: "application/json" }, "invalid_response"],
      [
        { kind: "respond", status: 200, body: "[1]", headers: { "content-type": "application/json" } },
        "invalid_response",
      ],
      [{ kind: "respond", status: 503 }, "provider_unavailable"],
      [{ kind: "hang" }, "provider_timeout"],
    ] as const) {
      await app.control.addFault("notes", { endpoint: "userinfo", fault });
      expect(await told()).toMatchObject({ code });
      await app.control.clearFaults("notes");
    }
  });
});
