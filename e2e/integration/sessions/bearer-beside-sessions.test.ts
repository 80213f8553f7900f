import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { apiClient } from "../../support/api-client";
import { sessionCookie } from "../../support/cookies";
import { openExtendedApp } from "../../support/extension/extended-app";
import { signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let client: ReturnType<typeof apiClient>;
beforeAll(async () => {
  app = await openExtendedApp();
  client = apiClient(app);
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  // What one test did wrong is not to be counted against the next.
  await app.rows(`DELETE FROM "RateLimit"`);
});
afterAll(() => app?.close());

describe("a cookie beside a token", () => {
  it("is refused, whatever either is worth", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const cookie = browser.cookieHeader(app.url);
    const both = await client.call(`Bearer ${await client.tokenWith()}`, { headers: { Cookie: cookie } });
    expect([both.status, both.challenge, both.json.error]).toEqual([
      400,
      client.refusal("invalid_request"),
      "invalid_request",
    ]);
    const nonsense = { Cookie: `${sessionCookie(app.url)}=nonsense` };
    const stale = await client.call(`Bearer ${await client.tokenWith()}`, { headers: nonsense });
    expect(stale.status).toBe(400);
  });

  it("alone opens the route to whoever may, and changes something only for our own pages", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const own = await browser.fetch(`${app.url}/api/calls/own`);
    expect([own.status, JSON.parse(own.body)]).toEqual([
      200,
      expect.objectContaining({ by: "session", sub: "haneul" }),
    ]);
    const forged = await browser.fetch(`${app.url}/api/calls/own`, {
      method: "POST",
      headers: { Origin: "https://evil.example" },
    });
    expect([forged.status, JSON.parse(forged.body).error]).toEqual([403, "csrf_rejected"]);
    const ours = await browser.fetch(`${app.url}/api/calls/own`, { method: "POST", headers: { "X-CSRF": "1" } });
    expect(ours.status).toBe(200);
    const other = await signedIn(app, { user: "minsu" });
    expect((await other.fetch(`${app.url}/api/calls/own`)).status).toBe(403);
  });
});

describe("where no token is taken", () => {
  it("nobody gets past the gate with one", async () => {
    const response = await fetch(`${app.url}/api/me`, {
      headers: { Authorization: `Bearer ${await client.tokenWith()}` },
    });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, null]);
  });

  it("a handler behind such a gate answers as to a stranger", async () => {
    const answered = await client.call(`Bearer ${await client.tokenWith()}`, { path: "plain" });
    expect([answered.status, answered.json.error]).toEqual([401, "not_authenticated"]);
    // In the words of the gate, which answers other strangers.
    const strangers = await fetch(`${app.url}/api/me`);
    expect(answered.json.message).toBe((await strangers.json()).message);
  });

  it("a client without one learns where to get one", async () => {
    for (const authorization of [null, "Basic bWluc3U6c2VjcmV0"]) {
      const answered = await client.call(authorization);
      expect([answered.status, answered.challenge]).toEqual([
        401,
        `Bearer resource_metadata="${client.metadataAddress}"`,
      ]);
    }
  });
});

describe("the document about protected resources", () => {
  it("says for what, and where, clients get tokens", async () => {
    const response = await fetch(client.metadataAddress);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual({
      resource: `${app.url}/api/calls`,
      authorization_servers: [app.issuers.company],
      bearer_methods_supported: ["header"],
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]),
    });
    const whole = await fetch(`${app.url}/.well-known/oauth-protected-resource`);
    expect([whole.status, (await whole.json()).resource]).toEqual([200, app.url]);
    expect((await fetch(`${app.url}/.well-known/oauth-protected-resource/api/me`)).status).toBe(404);
  });
});
