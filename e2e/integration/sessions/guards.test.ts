import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { signedIn, signedInLongAgo, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp({ OUTBOUND_TIMEOUT_MS: "1000" });
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
});
afterAll(() => app?.close());

const known = new Map<string, Promise<HttpBrowser>>();
/** A person's browser, signed in once for all tests that change nothing. */
function browserOf(user: string, provider = "company"): Promise<HttpBrowser> {
  const browser = known.get(user) ?? signedIn(app, { user, provider });
  known.set(user, browser);
  return browser;
}

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const signInAddress = (returnTo: string, error?: string) =>
  `${app.url}/sign-in?${new URLSearchParams({ returnTo, ...(error && { error }) })}`;

const verdicts: [rule: string, user: string, isLetIn: boolean][] = [
  ["anybody", "blank", true],
  ["role", "haneul", true],
  ["role", "minsu", false],
  ["no-role-will-do", "haneul", false],
  ["organization", "minsu", true],
  ["organization", "haneul", true],
  ["organization", "maximilian", false],
  ["organization", "blank", false],
  ["organization-role", "haneul", true],
  ["organization-role", "minsu", false],
  // Admin of the other one.
  ["organization-role", "maximilian", false],
  ["another-organizations-role", "haneul", false],
  ["another-organizations-role", "maximilian", true],
  ["no-organization-role-will-do", "haneul", false],
  ["scope", "blank", true],
  ["scope-not-granted", "haneul", false],
  ["everything", "haneul", true],
  ["everything", "minsu", false],
];

describe.each(verdicts)("what asks for %s, and %s", (rule, user, isLetIn) => {
  it(`as a page: ${isLetIn ? "opens" : "is the 403 page, and the trail knows"}`, async () => {
    const browser = await browserOf(user);
    const page = await browser.request(`${app.url}/club/${rule}?table=3`);
    expect(page.status).toBe(isLetIn ? 200 : 403);
    // Its way to another account leads back here: the browser makes the page of what this says.
    if (!isLetIn) expect(page.body).toContain(`/club/${rule}?table=3`);
    expect(page.body.includes("The club lets")).toBe(isLetIn);
    if (!isLetIn) await expectDenied(page, `/club/${rule}`, user);
  });

  it(`as a route: ${isLetIn ? "answers" : "is 403, and the trail knows"}`, async () => {
    const browser = await browserOf(user);
    const answered = await browser.fetch(`${app.url}/guarded/${rule}?table=3`);
    expect(answered.headers.get("cache-control")).toBe("private, no-store");
    if (isLetIn) {
      expect([answered.status, JSON.parse(answered.body)]).toEqual([200, { sub: user, rule }]);
      return;
    }
    expect(errorOf(answered)).toEqual([403, "forbidden"]);
    await expectDenied(answered, `/guarded/${rule}`, user);
  });
});

async function expectDenied(page: Page, path: string, user: string) {
  const row = await lastAudit(app, "authorization.denied");
  expect(row).toMatchObject({
    outcome: "failure",
    reason: "forbidden",
    requestId: page.headers.get("x-request-id"),
    sessionHash: expect.stringMatching(/^[\w-]{22}$/),
    detail: { path },
  });
  const [owner] = await app.rows(`SELECT 1 FROM "Session" WHERE subject = $1 AND "userId" = $2`, [user, row?.userId]);
  expect(owner).toBeDefined();
}

describe("a provider whose roles do not count here", () => {
  it.each(["role", "partners-organization"])("opens nothing that asks for a %s", async (rule) => {
    const browser = await browserOf("seoyeon", "partner");
    expect(JSON.parse((await browser.fetch(`${app.url}/api/me`)).body).claims).toMatchObject({
      roles: ["admin"],
      organizations: ["org_dari"],
    });
    expect((await browser.request(`${app.url}/club/${rule}`)).status).toBe(403);
    expect(errorOf(await browser.fetch(`${app.url}/guarded/${rule}`))).toEqual([403, "forbidden"]);
  });
});

describe("a membership that ends at the provider", () => {
  it("ends here as soon as a refresh brings the new claims", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const rule = "another-organizations-role";
    expect((await browser.fetch(`${app.url}/guarded/${rule}`)).status).toBe(200);
    await app.control.changeUser("company", "maximilian", { organizations: [] });
    const refreshed = await browser.fetch(`${app.url}/api/tokens/refresh`, {
      method: "POST",
      headers: { "X-CSRF": "1" },
    });
    expect(refreshed.status).toBe(200);
    expect(errorOf(await browser.fetch(`${app.url}/guarded/${rule}`))).toEqual([403, "forbidden"]);
    await app.control.resetUsers("company");
    known.delete("maximilian");
  });
});

describe("what asks for a scope, once the grant is over", () => {
  it("sends a page's visitor to sign in again, and answers a fetch with 401", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    expect((await browser.fetch(`${app.url}/guarded/scope`)).status).toBe(200);
    await app.control.revokeGrants("company", { sub: "eunji", clientId: "daemun" });
    // By default the session would be over too.
    const lenient = await app.startSibling({ ON_REFUSED_REFRESH: "drop-roles" });
    const headers = { "X-CSRF": "1", Origin: app.url };
    await browser.fetch(`${lenient.url}/api/tokens/refresh`, { method: "POST", headers });
    expect(errorOf(await browser.fetch(`${app.url}/guarded/scope`))).toEqual([401, "reauthentication_required"]);
    expect((await browser.request(`${app.url}/club/scope?a=1`)).location).toBe(
      signInAddress("/club/scope?a=1", "reauthentication_required"),
    );
    // What asks for none is as open as before.
    expect((await browser.request(`${app.url}/club/anybody`)).status).toBe(200);
  });
});

describe("a route that says redirect", () => {
  it("answers the handler's own redirect, kept from caches", async () => {
    const page = await (await browserOf("haneul")).request(`${app.url}/exports/everything`);
    expect([page.status, page.location]).toEqual([302, "https://files.example/export.csv"]);
    expect(page.headers.get("cache-control")).toBe("private, no-store");
  });

  it("sends a navigation of nobody to sign in, and back to the very address; a fetch gets JSON", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    const address = `${app.url}/exports/anybody?q=a%20b&r=%2F`;
    const turned = await browser.request(address);
    expect([turned.status, turned.location]).toEqual([
      303,
      signInAddress("/exports/anybody?q=a%20b&r=%2F", "session_revoked"),
    ]);
    expect(turned.headers.get("cache-control")).toContain("no-store");
    expect(errorOf(await browser.fetch(address))).toEqual([401, "session_revoked"]);
    // Going there again would not post again.
    const posted = await browser.request(address, { method: "POST", form: {} });
    expect([posted.status, posted.location]).toEqual([303, signInAddress("/account", "session_revoked")]);
  });

  it("sends a person to the provider for a recent sign-in; a fetch gets JSON", async () => {
    const browser = await signedInLongAgo(app, "blank");
    const address = `${app.url}/exports/recent?a=1`;
    const turned = await browser.request(address);
    expect(turned.status).toBe(303);
    expect(new URL(turned.location ?? "").pathname).toBe("/api/session/step-up");
    const away = await browser.request(turned.location ?? "");
    expect(new URL(away.location ?? "").searchParams.get("max_age")).toBe("60");
    expect(errorOf(await browser.fetch(address))).toEqual([401, "step_up_required"]);
    known.delete("blank");
  });

  it("tells a person who may not on a page with the right status; a fetch gets JSON", async () => {
    const browser = await browserOf("minsu");
    const page = await browser.request(`${app.url}/exports/role`);
    expect([page.status, page.headers.get("retry-after")]).toEqual([403, null]);
    expect(page.headers.get("refresh")).toMatch(/^0; url=\/auth-error\?code=forbidden&/);
    await expectDenied(page, "/exports/role", "minsu");
    expect(errorOf(await browser.fetch(`${app.url}/exports/role`))).toEqual([403, "forbidden"]);
  });
});

describe("a route that asks for userinfo", () => {
  it("gets what the provider says now", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    await app.control.changeUser("company", "minsu", { name: "Minsu the Second" });
    const answered = await browser.fetch(`${app.url}/profile`);
    expect([answered.status, JSON.parse(answered.body)]).toEqual([200, { sub: "minsu", name: "Minsu the Second" }]);
    await app.control.resetUsers("company");
  });

  it.each([
    [{ kind: "respond", status: 503, json: {} }, 503, "provider_unavailable"],
    [{ kind: "hang" }, 504, "provider_timeout"],
  ] as const)("answers what came in its way: %j", async (fault, status, code) => {
    const browser = await browserOf("haneul");
    await app.control.addFault("company", { endpoint: "userinfo", times: null, fault });
    const answered = await browser.fetch(`${app.url}/profile`);
    expect(errorOf(answered)).toEqual([status, code]);
    expect(answered.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    const page = await browser.request(`${app.url}/profile/open`);
    expect(page.status).toBe(status);
    expect(page.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(page.headers.get("refresh")).toContain(`code=${code}`);
  });

  it("sends a person whose grant is over to sign in again; a fetch gets 401", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    await app.control.revokeGrants("company", { sub: "eunji", clientId: "daemun" });
    expect(errorOf(await browser.fetch(`${app.url}/profile`))).toEqual([401, "reauthentication_required"]);
    expect((await browser.request(`${app.url}/profile/open?a=1`)).location).toBe(
      signInAddress("/profile/open?a=1", "signed_out_by_provider"),
    );
  });
});

describe("a resource whose tokens may go to the browser", () => {
  const shopping = "https://shopping.example/api";
  const address = (resource: string, query = "") => `${app.url}/api/tokens/${encodeURIComponent(resource)}${query}`;
  const take = (browser: HttpBrowser, resource = shopping, query = "") =>
    browser.fetch(address(resource, query), { headers: { "Sec-Fetch-Site": "same-origin" } });
  const exposures = () =>
    app.rows<{ requestId: string }>(`SELECT * FROM "AuditEvent" WHERE event = 'token.exposed' ORDER BY id`);

  it("gives the very token that the provider issued for it, and writes that down first", async () => {
    const browser = await browserOf("haneul");
    const before = (await exposures()).length;
    const answered = await take(browser);
    expect([answered.status, answered.body.slice(0, 200)]).toEqual([200, expect.any(String)]);
    const said = JSON.parse(answered.body);
    expect(said).toEqual({
      access_token: expect.stringMatching(/^ey/),
      token_type: "Bearer",
      expires_in: expect.any(Number),
      scope: "shopping:read shopping:write",
      resource: shopping,
    });
    expect(said.expires_in).toBeGreaterThan(0);
    expect(answered.headers.get("cache-control")).toContain("no-store");
    const issued = await app.control.issued("company");
    expect(issued.map(({ accessToken }) => accessToken)).toContain(said.access_token);
    const claims = JSON.parse(Buffer.from(said.access_token.split(".")[1], "base64url").toString("utf8"));
    expect([claims.aud, claims.sub]).toEqual([shopping, "haneul"]);
    const rows = await exposures();
    expect(rows.length).toBe(before + 1);
    expect(rows.at(-1)).toMatchObject({
      outcome: "success",
      provider: "company",
      userId: expect.any(String),
      sessionHash: expect.stringMatching(/^[\w-]{22}$/),
      requestId: answered.headers.get("x-request-id"),
      detail: { resource: shopping, organization: null, scope: said.scope },
    });
    expect(JSON.stringify(rows)).not.toContain(said.access_token);
    // The same one again, without asking the provider, and written down again.
    const asked = (await app.control.counters("company")).refreshes;
    expect(JSON.parse((await take(browser)).body).access_token).toBe(said.access_token);
    expect((await app.control.counters("company")).refreshes).toBe(asked);
    expect((await exposures()).length).toBe(before + 2);
  });

  it("gives it on behalf of an organization, and none of an organization of others", async () => {
    const browser = await browserOf("haneul");
    const answered = await take(browser, shopping, "?organization=org_hanok");
    expect([answered.status, answered.body.slice(0, 200)]).toEqual([200, expect.any(String)]);
    const before = (await exposures()).length;
    expect(errorOf(await take(browser, shopping, "?organization=org_X"))).toEqual([400, "unknown_organization"]);
    expect((await exposures()).length).toBe(before);
  });

  it("stays closed to strangers, other sites, ended sessions and for other resources", async () => {
    const before = (await exposures()).length;
    expect(errorOf(await take(new HttpBrowser()))).toEqual([401, "not_authenticated"]);
    const browser = await signedIn(app, { user: "jiwoo" });
    expect(errorOf(await take(browser, "https://store.example/api"))).toEqual([403, "forbidden"]);
    for (const headers of [
      { "Sec-Fetch-Site": "cross-site" },
      { Origin: "https://evil.test" },
      { "Sec-Fetch-Site": "" },
    ]) {
      const answered = await browser.fetch(address(shopping), { headers: headers as Record<string, string> });
      expect(errorOf(answered)).toEqual([403, "csrf_rejected"]);
      expect(answered.headers.get("access-control-allow-origin")).toBeNull();
    }
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    expect(errorOf(await take(browser))).toEqual([401, "session_revoked"]);
    expect((await exposures()).length).toBe(before);
  });

  it("answers the provider's trouble while there is no token yet, and gives a kept one meanwhile", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const before = (await exposures()).length;
    await app.control.addFault("company", { endpoint: "token", times: null, fault: { kind: "hang" } });
    const late = await take(browser);
    expect(errorOf(late)).toEqual([504, "provider_timeout"]);
    expect(late.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await app.control.clearFaults("company");
    await expect.poll(async () => (await take(browser)).status).toBe(200);
    await app.control.addFault("company", {
      endpoint: "token",
      times: null,
      fault: { kind: "respond", status: 503 },
    });
    expect((await take(browser)).status).toBe(200);
    expect((await exposures()).length).toBe(before + 2);
  });

  it("gives none that cannot be written down: with the database gone while the provider answers, and with it away", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const before = (await exposures()).length;
    // Only the trail is in the way: sessions and grants can be read.
    await app.rows(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$`,
    );
    await app.rows(
      `CREATE TRIGGER refuse BEFORE INSERT ON "AuditEvent" FOR EACH ROW WHEN (NEW.event = 'token.exposed') EXECUTE FUNCTION refuse()`,
    );
    try {
      const answered = await take(browser);
      expect(errorOf(answered)).toEqual([503, "database_unavailable"]);
      expect(answered.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(answered.body).not.toMatch(/ey[\w-]+\./);
    } finally {
      await app.rows(`DROP FUNCTION refuse() CASCADE`);
    }
    expect((await take(browser)).status).toBe(200);
    await app.database.cut();
    try {
      expect(errorOf(await take(browser))).toEqual([503, "database_unavailable"]);
    } finally {
      await app.database.mend();
    }
    await expect.poll(async () => (await take(browser)).status).toBe(200);
    expect((await exposures()).length).toBe(before + 2);
  });

  it("is no activity", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    await app.rows(
      `UPDATE "Session" SET "lastActiveAt" = now() - interval '10 minutes', "idleExpiresAt" = now() + interval '10 minutes'
        WHERE subject = 'jiwoo' AND "endedAt" IS NULL`,
    );
    const activity = () =>
      app.rows(`SELECT "lastActiveAt", "idleExpiresAt" FROM "Session" WHERE subject = 'jiwoo' AND "endedAt" IS NULL`);
    const before = await activity();
    expect((await take(browser)).status).toBe(200);
    expect(await activity()).toEqual(before);
  });
});
