import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../dev/identity-provider/control-client";
import {
  callbackFor,
  codeOf,
  connections,
  disconnect,
  forgetConnections,
  revoked,
  startConnecting,
} from "./connecting";
import { openExtendedHouse } from "./extension/house";
import { clientId, clientSecret, type House, signIn } from "./house";
import { HttpBrowser } from "./http-browser";

// The third party again, of which this house knows the endpoints alone.
let house: House;
let address: string;
beforeAll(async () => {
  house = await openExtendedHouse();
  const issuer = house.issuers.notes ?? "";
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const [client] = await house.control.clients("notes");
  const redirectUris = ["notes", "classic"].map((id) => `${house.url}/api/connect/${id}/callback`);
  if (client) await house.control.putClient("notes", { ...client, clientSecret, redirectUris });
  const app = await house.startSibling({
    SERVICE_CLASSIC_URL: house.services.notes.url,
    SERVICE_CLASSIC_ID: clientId,
    SERVICE_CLASSIC_SECRET: clientSecret,
    CLASSIC_AUTHORIZE: metadata.authorization_endpoint,
    CLASSIC_TOKEN: metadata.token_endpoint,
    CLASSIC_REVOKE: metadata.revocation_endpoint,
  });
  address = app.url;
}, 300_000);
afterEach(() => forgetConnections(house));
afterAll(() => house?.close());

async function signedIn(): Promise<HttpBrowser> {
  const browser = new HttpBrowser(({ origin }) => (origin === house.url ? address : null));
  expect((await signIn(house, browser)).status).toBe(303);
  return browser;
}

async function call(browser: HttpBrowser): Promise<[number, string | undefined]> {
  const headers = { "X-CSRF": "1", Origin: house.url, "Sec-Fetch-Site": "same-origin" };
  const page = await browser.fetch(`${house.url}/api/services/classic/notes`, { headers });
  return [page.status, JSON.parse(page.body).error];
}

const service = "classic";
const token = (fault: FaultRuleInput["fault"]): FaultRuleInput => ({ endpoint: "token", fault });
const connect = async (browser: HttpBrowser) => browser.request(await callbackFor(house, browser, { service }));

describe("a service without discovery", () => {
  it("is connected, called and disconnected without an ID token, whatever it calls itself", async () => {
    const browser = await signedIn();
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
    const asked = new URL((await startConnecting(house, browser, { service })).location ?? "").searchParams;
    expect([asked.get("nonce"), asked.get("access_type"), asked.get("code_challenge_method")]).toEqual([
      null,
      "offline",
      "S256",
    ]);
    await house.control.addFault(
      "notes",
      token({ kind: "id_token", setClaims: { sub: "somebody" }, signWith: "none" }),
    );
    await house.control.addFault("notes", {
      endpoint: "authorization",
      fault: { kind: "callback", set: { iss: "https://classic.example/login/oauth" } },
      times: null,
    });
    expect(codeOf(await connect(browser))).toBeNull();
    expect(await connections(house)).toMatchObject([{ subject: null }]);
    expect((await call(browser))[0]).toBe(200);
    await disconnect(house, browser, service);
    await expect.poll(() => revoked(house)).toHaveLength(1);
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
  });

  it("has its token renewed with the refresh token that it gave", async () => {
    await house.control.setTokenLifetime("notes", 1);
    const browser = await signedIn();
    expect(codeOf(await connect(browser))).toBeNull();
    await expect
      .poll(async () => [...(await call(browser)), (await house.control.counters("notes")).refreshes > 0])
      .toEqual([200, undefined, true]);
    await house.control.setTokenLifetime("notes", 3600);
  });

  it("gives a token without an end and nothing to renew it with: it is used until it is refused, and then gone", async () => {
    const browser = await signedIn();
    await house.control.addFault("notes", token({ kind: "json", remove: ["expires_in", "refresh_token"] }));
    expect(codeOf(await connect(browser))).toBeNull();
    const [kept] = await house.rows<{ years: number }>(
      `SELECT extract(year FROM age("expiresAt", now()))::int AS years FROM "AccessToken" t
       JOIN "Grant" g ON g.id = t."grantId" WHERE g.service = 'classic'`,
    );
    expect(kept?.years).toBeGreaterThan(1);
    expect((await call(browser))[0]).toBe(200);
    house.services.notes.control.addFault({ fault: { kind: "unauthorized" }, times: 1 });
    expect(await call(browser)).toEqual([409, "service_not_connected"]);
    expect(await connections(house)).toEqual([]);
    expect(codeOf(await connect(browser))).toBeNull();
    expect((await call(browser))[0]).toBe(200);
  });

  it("takes back an access token where it gave no other", async () => {
    const browser = await signedIn();
    await house.control.addFault("notes", token({ kind: "json", remove: ["refresh_token"] }));
    expect(codeOf(await connect(browser))).toBeNull();
    const [issued] = await house.control.issued("notes");
    await disconnect(house, browser, service);
    await expect.poll(() => revoked(house)).toEqual([issued?.accessToken]);
  });

  it("may say its scopes with commas", async () => {
    const browser = await signedIn();
    await house.control.addFault("notes", token({ kind: "json", set: { scope: "notes:read,offline_access" } }));
    expect(codeOf(await connect(browser))).toBeNull();
    expect(await connections(house)).toMatchObject([{ scope: "notes:read offline_access" }]);
  });

  it("gets no answer that was meant for another service", async () => {
    const browser = await signedIn();
    const callback = await callbackFor(house, browser, { service });
    const elsewhere = await browser.request(callback.replace("/classic/", "/notes/"));
    expect(codeOf(elsewhere)).toBe("state_mismatch");
    expect(await connections(house)).toEqual([]);
  });
});
