import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { findNginx, startCachingProxy } from "../../support/nginx";
import { shareTestApp, signedIn, type TestApp } from "../../support/test-app";

const shopping = "https://shopping.example/api";

let app: TestApp;
let isCut = false;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
});
afterEach(async () => {
  await app.control.clearFaults("company");
  if (!isCut) return;
  await app.database.mend();
  isCut = false;
  await expect.poll(async () => (await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(200);
});
afterAll(() => app.close());

async function cut() {
  await app.database.cut();
  isCut = true;
}

const own = { "X-CSRF": "1", "Content-Type": "application/json" };

/** Asks for a refresh as a script of ours would. */
function refresh(browser: HttpBrowser, body: unknown = {}, headers: Record<string, string> = {}): Promise<Page> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return browser.fetch(`${app.url}/api/tokens/refresh`, {
    method: "POST",
    body: text,
    headers: { ...own, ...headers },
  });
}

/** Asks for a resource's token as a script of ours would. */
function take(browser: HttpBrowser, segment: string, headers: Record<string, string> = {}): Promise<Page> {
  return browser.fetch(`${app.url}/api/tokens/${segment}`, {
    headers: { "Sec-Fetch-Site": "same-origin", ...headers },
  });
}

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const refreshes = async () => (await app.control.counters("company")).refreshes;

/** The error in its one form, never cached. */
function expectError(page: Page, status: number, code: string) {
  expect(errorOf(page), page.body.slice(0, 300)).toEqual([status, code]);
  expect(JSON.parse(page.body)).toEqual({
    error: code,
    message: expect.any(String),
    request_id: page.headers.get("x-request-id"),
  });
  expect(page.headers.get("cache-control")).toContain("no-store");
}

async function expectNoTokenIn(...pages: Page[]) {
  const entries = await app.control.issued("company");
  const issued = entries.flatMap((entry) =>
    [entry.accessToken ?? [], entry.refreshToken ?? [], entry.idToken ?? []].flat(),
  );
  expect(issued.length).toBeGreaterThan(0);
  for (const { body, headers } of pages) {
    const said = body + JSON.stringify([...headers]);
    expect(issued.filter((token) => said.includes(token))).toEqual([]);
  }
}

/** Ends the sessions of `person` as another device would. */
const end = (user: string, reason = "session_revoked") =>
  app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = $2 WHERE subject = $1`, [user, reason]);

describe("POST /api/tokens/refresh", () => {
  it("F6: the refresh route refreshes what is asked for, each time, and says what came of it without the token", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    for (const asked of [
      {},
      { resource: shopping },
      { organization: "org_hanok" },
      { resource: shopping, organization: "org_hanok" },
    ]) {
      const before = await refreshes();
      const answered = await refresh(browser, asked);
      expect([answered.status, answered.body.slice(0, 300)]).toEqual([200, expect.any(String)]);
      const said = JSON.parse(answered.body);
      expect(Object.keys(said).sort()).toEqual(["expiresAt", "organization", "resource", "scope"]);
      expect(said).toMatchObject({ resource: null, organization: null, ...asked, scope: expect.stringMatching(/^\S/) });
      expect(new Date(said.expiresAt).toISOString()).toBe(said.expiresAt);
      expect(new Date(said.expiresAt).getTime()).toBeGreaterThan(Date.now());
      expect(answered.headers.get("cache-control")).toContain("no-store");
      expect(await refreshes()).toBe(before + 1);
      await expectNoTokenIn(answered);
    }
  });

  it("shares one refresh among all that arrive while it is under way, and makes another for the next", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const before = await refreshes();
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "delay", delayMs: 500 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(browser, { resource: shopping })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await refreshes()).toBe(before + 1);
    expect((await refresh(browser, { resource: shopping })).status).toBe(200);
    expect(await refreshes()).toBe(before + 2);
  });

  it("takes no body at all for an empty one", async () => {
    const browser = await signedIn(app);
    const answered = await browser.fetch(`${app.url}/api/tokens/refresh`, {
      method: "POST",
      headers: { "X-CSRF": "1" },
    });
    expect([answered.status, JSON.parse(answered.body)]).toMatchObject([200, { resource: null, organization: null }]);
  });

  it("is no activity", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    await app.rows(
      `UPDATE "Session" SET "lastActiveAt" = now() - interval '10 minutes', "idleExpiresAt" = now() + interval '10 minutes'
        WHERE subject = 'jiwoo'`,
    );
    const activity = () =>
      app.rows(`SELECT "lastActiveAt", "idleExpiresAt" FROM "Session" WHERE subject = 'jiwoo' AND "endedAt" IS NULL`);
    const before = await activity();
    expect((await refresh(browser)).status).toBe(200);
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
    expect(errorOf(await take(browser, encodeURIComponent(shopping)))).toEqual([403, "forbidden"]);
    expect(await activity()).toEqual(before);
  });

  it.each([
    ["an array", "[]"],
    ["nothing", "null"],
    ["a word", '"refresh"'],
    ["a number", "1"],
    ["no JSON", "{"],
    ["two of it", "{}{}"],
    ["an unknown member", '{"scope":"admin"}'],
    ["a member of every object", '{"__proto__":{"resource":"x"}}'],
    ["a list of resources", `{"resource":["${shopping}"]}`],
    ["a number for a resource", '{"resource":1}'],
    ["null for a resource", '{"resource":null}'],
    ["an empty resource", '{"resource":""}'],
    ["a list of organizations", '{"organization":["org_hanok"]}'],
    ["an object for an organization", '{"organization":{"id":"org_hanok"}}'],
    ["an empty organization", '{"organization":""}'],
  ])("refuses %s with 400", async (_, body) => {
    const browser = await member();
    const before = await refreshes();
    expectError(await refresh(browser, body), 400, "invalid_request");
    expect(await refreshes()).toBe(before);
  });

  it("refuses another media type with 400, and more than 4 KB with 413", async () => {
    const browser = await member();
    const before = await refreshes();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
      expectError(await refresh(browser, "{}", { "Content-Type": type }), 400, "invalid_request");
    }
    expectError(await refresh(browser, `{}${" ".repeat(4096)}`), 413, "payload_too_large");
    expect((await refresh(browser, `{}${" ".repeat(4094)}`)).status).toBe(200);
    expect(await refreshes()).toBe(before + 1);
  });

  it.each(["https://rs9.test", `${shopping}/`, shopping.toUpperCase(), "../../", "x".repeat(2048)])(
    "refuses the resource %s with 400",
    async (resource) => {
      const before = await refreshes();
      expectError(await refresh(await member(), { resource }), 400, "unknown_resource");
      expect(await refreshes()).toBe(before);
    },
  );

  it.each(["org_maru", "org_X", "../../", "org_hanok\u0000", "\ud800", "x".repeat(2048)])(
    "refuses the organization %j, which the person does not belong to, without asking the provider",
    async (organization) => {
      const asked = (await app.control.journal("company", { endpoint: "token" })).length;
      for (const more of [{}, { resource: shopping }]) {
        expectError(await refresh(await member(), { organization, ...more }), 400, "unknown_organization");
      }
      expect((await app.control.journal("company", { endpoint: "token" })).length).toBe(asked);
    },
  );

  it.each<[string, Record<string, string>]>([
    ["without X-CSRF", { "X-CSRF": "" }],
    ["with another X-CSRF", { "X-CSRF": "true" }],
    ["from another origin", { Origin: "https://evil.test" }],
    ["from an origin that looks like ours", { Origin: "http://localhost" }],
    ["from no origin", { Origin: "null" }],
    ["from another site", { Origin: "", "Sec-Fetch-Site": "cross-site" }],
    ["from a sibling", { Origin: "", "Sec-Fetch-Site": "same-site" }],
  ])("CS-01: the refresh route refuses a call %s, and writes it down", async (_, headers) => {
    const browser = await member();
    const before = await refreshes();
    const answered = await refresh(browser, {}, headers);
    expectError(answered, 403, "csrf_rejected");
    expect(await refreshes()).toBe(before);
    const row = await lastAudit(app, "csrf.rejected");
    expect(row).toMatchObject({ outcome: "failure", reason: "csrf_rejected", detail: { path: "/api/tokens/refresh" } });
    expect(row?.requestId).toBe(answered.headers.get("x-request-id"));
  });

  it.each(["GET", "PUT", "DELETE", "PATCH"])("takes no %s", async (method) => {
    expect((await (await member()).fetch(`${app.url}/api/tokens/refresh`, { method })).status).toBe(405);
  });
});

describe("GET /api/tokens/[resource], as it is shipped", () => {
  it("gives no token of any resource, and writes down who asked", async () => {
    const browser = await member();
    const before = await refreshes();
    for (const resource of [shopping, "https://store.example/api"]) {
      const answered = await take(browser, encodeURIComponent(resource));
      expectError(answered, 403, "forbidden");
      await expectNoTokenIn(answered);
      const row = await lastAudit(app, "authorization.denied");
      expect(row?.requestId).toBe(answered.headers.get("x-request-id"));
    }
    expect(await refreshes()).toBe(before);
    expect(await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'token.exposed'`)).toEqual([]);
  });

  it.each([
    ["unknown", encodeURIComponent("https://rs9.test")],
    ["encoded twice", encodeURIComponent(encodeURIComponent(shopping))],
    ["encoded three times", encodeURIComponent(encodeURIComponent(encodeURIComponent(shopping)))],
    ["a path", "%2e%2e%2f%2e%2e%2f"],
    ["with a NUL", `${encodeURIComponent(shopping)}%00`],
    ["with a slash behind", `${encodeURIComponent(shopping)}%2F`],
    ["with a space behind", `${encodeURIComponent(shopping)}%20`],
    ["in capitals", encodeURIComponent(shopping.toUpperCase())],
    ["a member of every object", "__proto__"],
    ["2 KB long", `${encodeURIComponent(shopping)}${"x".repeat(2048)}`],
  ])("LR-05: the token route refuses a resource that is %s with 400", async (_, segment) => {
    expectError(await take(await member(), segment), 400, "unknown_resource");
  });

  it("refuses a path that cannot be decoded with 400, here and at every other route", async () => {
    for (const segment of ["%", "%zz", "%ff", "%c0%af"]) {
      expect(errorOf(await take(await member(), segment))).toEqual([400, "invalid_request"]);
      for (const path of [`/api/auth/${segment}`, `/api/oidc/${segment}/backchannel-logout`]) {
        expect(errorOf(await new HttpBrowser().fetch(app.url + path))).toEqual([400, "invalid_request"]);
      }
    }
  });

  it.each([shopping, shopping.replace("//", "/"), "a/b"])("has no route for %s with bare slashes", async (segment) => {
    // Next first sends who doubles a slash to the address with one.
    expect([308, 404]).toContain((await take(await member(), segment)).status);
  });

  it.each(["?organization=", "?organization=org_hanok&organization=org_hanok"])(
    "refuses %s with 400",
    async (query) => {
      expectError(await take(await member(), encodeURIComponent(shopping) + query), 400, "invalid_request");
    },
  );

  it.each<[string, Record<string, string>]>([
    ["another site", { "Sec-Fetch-Site": "cross-site" }],
    ["a sibling", { "Sec-Fetch-Site": "same-site" }],
    ["another origin", { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }],
    ["nobody knows where", { "Sec-Fetch-Site": "" }],
  ])("CS-01: the token route refuses %s, and writes it down", async (_, headers) => {
    const answered = await take(await member(), encodeURIComponent(shopping), headers);
    expectError(answered, 403, "csrf_rejected");
    const row = await lastAudit(app, "csrf.rejected");
    expect(row?.requestId).toBe(answered.headers.get("x-request-id"));
  });

  it("takes no HEAD, which would write down a token that nobody got", async () => {
    const address = `${app.url}/api/tokens/${encodeURIComponent(shopping)}`;
    const answered = await (await member()).fetch(address, { method: "HEAD" });
    expect([answered.status, answered.headers.get("allow")]).toEqual([405, "GET"]);
  });

  it.skipIf(findNginx() === null)("is found behind nginx, its slashes still encoded", async () => {
    const port = await findFreePort();
    const proxy = await startCachingProxy(port, Number(new URL(app.url).port));
    try {
      const browser = (await member()).clone();
      const answered = await browser.fetch(`http://localhost:${port}/api/tokens/${encodeURIComponent(shopping)}`, {
        headers: { "Sec-Fetch-Site": "same-origin" },
      });
      expect(errorOf(answered)).toEqual([403, "forbidden"]);
    } finally {
      await proxy.stop();
    }
  });
});

const endpoints: [string, (browser: HttpBrowser) => Promise<Page>][] = [
  ["POST /api/tokens/refresh", (browser) => refresh(browser)],
  ["GET /api/tokens/[resource]", (browser) => take(browser, encodeURIComponent(shopping))],
  ["GET /api/me?source=userinfo", (browser) => browser.fetch(`${app.url}/api/me?source=userinfo`)],
];

describe.each(endpoints)("%s", (_, knock) => {
  it("is closed to strangers", async () => {
    expectError(await knock(new HttpBrowser()), 401, "not_authenticated");
  });

  it.each(["session_revoked", "signed_out_by_provider", "session_idle"])(
    "is closed to a session that ended (%s)",
    async (reason) => {
      const browser = await signedIn(app, { user: "eunji" });
      await end("eunji", reason);
      expectError(await knock(browser), 401, reason);
    },
  );

  it("answers 503 while the database is away, and works again afterwards", async () => {
    const browser = await signedIn(app, { user: "blank" });
    await cut();
    const answered = await knock(browser);
    expectError(answered, 503, "database_unavailable");
    expect(answered.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await app.database.mend();
    await expect.poll(async () => (await knock(browser)).status).not.toBe(503);
    isCut = false;
  });
});

describe("with the provider in trouble", () => {
  const asksProvider = [
    ["POST /api/tokens/refresh", "token", (browser: HttpBrowser) => refresh(browser)],
    [
      "GET /api/me?source=userinfo",
      "userinfo",
      (browser: HttpBrowser) => browser.fetch(`${app.url}/api/me?source=userinfo`),
    ],
  ] as const;

  it.each(asksProvider)("%s answers 503 or 504 with Retry-After, and nothing is lost", async (_, endpoint, knock) => {
    const troubles = [
      [{ kind: "respond", status: 503, json: {} }, 503, "provider_unavailable"],
      [{ kind: "respond", status: 429, json: {} }, 503, "provider_unavailable"],
      [{ kind: "reset" }, 503, "provider_unavailable"],
      [{ kind: "hang" }, 504, "provider_timeout"],
    ] as const;
    for (const [fault, status, code] of troubles) {
      const browser = await signedIn(app);
      await app.control.addFault("company", { endpoint, times: null, fault });
      const answered = await knock(browser);
      expectError(answered, status, code);
      expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0);
      await app.control.clearFaults("company");
      expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(200);
    }
  });

  it("a provider that says when to come back is believed", async () => {
    const browser = await signedIn(app);
    const fault = { kind: "respond", status: 503, headers: { "retry-after": "7" }, json: {} } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    const answered = await refresh(browser);
    expectError(answered, 503, "provider_unavailable");
    const seconds = Number(answered.headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(7);
  });

  it("RF-04: a grant that the provider revoked is over, and the session with it, and the provider is asked once", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    await app.control.revokeGrants("company", { sub: "maximilian", clientId: "daemun" });
    expectError(await refresh(browser), 401, "reauthentication_required");
    const asked = (await app.control.journal("company", { endpoint: "token" })).length;
    expectError(await refresh(browser, { resource: shopping }), 401, "signed_out_by_provider");
    expectError(await browser.fetch(`${app.url}/api/me?source=userinfo`), 401, "signed_out_by_provider");
    expect((await app.control.journal("company", { endpoint: "token" })).length).toBe(asked);
  });
});

let known: HttpBrowser | undefined;
/** An ordinary member, signed in once for all tests that change nothing. */
async function member(): Promise<HttpBrowser> {
  known ??= await signedIn(app, { user: "minsu" });
  return known;
}
