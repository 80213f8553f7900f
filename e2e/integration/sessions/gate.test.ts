import { afterAll, beforeAll, describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { routes } from "../../support/routes";
import { shareTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

// What anybody may open, written out: a new route is gated until somebody adds it here and in daemun.config.ts.
const allowed = new Set([
  "/",
  "/sign-in",
  "/sign-out",
  "/signed-out",
  "/auth-error",
  "/icon.svg",
  "/favicon.ico",
  "/apple-icon.png",
  "/manifest.webmanifest",
  "/healthz",
  "/readyz",
  "/api/auth/x",
  "/api/oidc/x/backchannel-logout",
  "/api/oidc/x/frontchannel-logout",
  "/api/oidc/x/jwks",
  "/api/session",
  "/api/locale",
  "/api/theme",
  "/api/cron/sweep",
  "/.well-known/oauth-protected-resource/x",
  "/.well-known/jwks.json",
]);

async function expectShut(path: string, headers: Record<string, string> = {}): Promise<void> {
  const page = await new HttpBrowser().request(app.url + path, { headers });
  const fetched = await new HttpBrowser().fetch(app.url + path, { headers });
  for (const [what, answered] of [
    ["navigation", page],
    ["fetch", fetched],
  ] as const) {
    // Of old data addresses Next puts a redirect into a header of its own.
    const target = new URL(answered.location ?? answered.headers.get("x-nextjs-redirect") ?? "/nowhere", app.url);
    const isSignIn = answered.status === 307 && /(^|\/)sign-in(\.json)?$/.test(target.pathname);
    const isRefusal = answered.status === 401 && JSON.parse(answered.body).error === "not_authenticated";
    const isNothing = [400, 404, 405, 308].includes(answered.status);
    expect(isSignIn || isRefusal || isNothing, `${what} ${path} ${answered.status} ${JSON.stringify(headers)}`).toBe(
      true,
    );
    expect(answered.body).not.toContain("data-protected");
    expect(answered.body).not.toMatch(/id_token|haneul/);
  }
  if (page.location) expect(page.headers.get("location")).toMatch(/^\//);
}

describe("the gate, to somebody who is not signed in", () => {
  it("MW-01: the gate opens to a stranger exactly the listed routes of the build", async () => {
    expect(routes()).toEqual(expect.arrayContaining(["/account", "/api/me", "/sign-in"]));
    for (const path of routes().filter((route) => !allowed.has(route) && !route.startsWith("/_"))) {
      const page = await new HttpBrowser().request(app.url + path);
      // The gate does not run for the proxy, which answers for itself.
      expect([path, page.status]).toEqual([path, path.startsWith("/api/services/") ? 303 : 307]);
      expect(page.location).toBe(
        `${app.url}/sign-in?${new URLSearchParams({ returnTo: path.startsWith("/api") ? "/account" : path })}`,
      );
      const fetched = await new HttpBrowser().fetch(app.url + path);
      expect([path, fetched.status]).toEqual([path, 401]);
      expect(JSON.parse(fetched.body)).toEqual({
        error: "not_authenticated",
        message: expect.any(String),
        request_id: fetched.headers.get("x-request-id"),
      });
      expect(fetched.headers.get("cache-control")).toContain("no-store");
    }
    const named = daemun.gates.filter(({ access }) => access === "public").map(({ path }) => path);
    expect(
      [...allowed].filter(
        (path) => !named.some((gate) => gate === path || (gate.endsWith("/*") && path.startsWith(gate.slice(0, -1)))),
      ),
    ).toEqual([]);
  });

  const tricks: Record<string, string>[] = [
    ...[
      "middleware",
      "src/middleware",
      "pages/_middleware",
      "middleware:middleware:middleware:middleware:middleware",
      "src/middleware:src/middleware:src/middleware:src/middleware:src/middleware",
    ].map((value) => ({ "x-middleware-subrequest": value })),
    { "x-middleware-next": "1" },
    { "x-middleware-rewrite": "/" },
    { "x-middleware-override-headers": "cookie", "x-middleware-request-cookie": "daemun.session=x" },
    { "x-nextjs-data": "1" },
    { RSC: "1" },
    { RSC: "1", "Next-Router-Prefetch": "1" },
    { RSC: "1", "Next-Router-Segment-Prefetch": "/_tree" },
    { "x-invoke-path": "/" },
    { "x-matched-path": "/" },
    { "x-forwarded-uri": "/" },
    { "x-original-url": "/" },
    { "x-rewrite-url": "/" },
    { "x-http-method-override": "GET" },
    { "x-forwarded-host": "evil.test" },
    { "x-forwarded-proto": "https" },
    { "X-Daemun-Path": "/" },
    { "Next-Action": "00" },
  ];
  it.each(tricks)("MW-02: the gate lets no stranger pass for %o", async (headers) => {
    for (const path of ["/account", "/api/me", "/admin"]) await expectShut(path, headers);
  });

  it.each([
    "/account.rsc",
    "/account.segments/_tree.segment.rsc",
    "/account.segments/account/__PAGE__.segment.rsc",
    "/account?_rsc=x",
    "/_next/data/build/account.json",
    "/en/account",
    "/ko/account",
    "/account/",
    "//account",
    "/./account",
    "/%61ccount",
    "/account%2f",
    "/account%00",
    "/account;x",
    "/ACCOUNT",
    "/index.rsc",
    "/api/me.rsc",
    "/api/%6de",
    "/sign-in/../account",
    "/sign-in%2f..%2faccount",
    "/api/auth/../me",
  ])("MW-03: a stranger learns nothing at %s", async (path) => {
    if (path === "/index.rsc") {
      const page = await new HttpBrowser().request(app.url + path);
      expect(page.status).toBeLessThan(500);
      expect(page.body).not.toContain("haneul");
      return;
    }
    await expectShut(path);
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "POST"])(
    "MW-10: the method %s is gated like GET",
    async (method) => {
      const page = await new HttpBrowser().fetch(`${app.url}/account`, { method });
      expect(page.status).toBe(401);
    },
  );
});

describe("the gate, to somebody signed in", () => {
  it("lets them see their account, never cached", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const page = await browser.request(`${app.url}/account`);
    expect(page.status).toBe(200);
    expect(page.headers.get("cache-control")).toContain("no-store");
  });

  it("L14: a user without the role is refused: 403 as a page or as JSON, and to an admin it does not", async () => {
    const user = await signedIn(app, { user: "minsu" });
    const refused = await user.request(`${app.url}/admin?page=2`);
    expect(refused.status).toBe(403);
    // Another account may be let in, and comes back to where this one was not.
    expect(refused.body).toContain(`href="/sign-in?account=other&amp;returnTo=${encodeURIComponent("/admin?page=2")}"`);
    const fetched = await user.fetch(`${app.url}/admin`);
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([403, "forbidden"]);
    const me = await whoIs(app, user);
    const denials = await app.rows(
      `SELECT reason, detail FROM "AuditEvent" WHERE event = 'authorization.denied' AND "userId" = $1`,
      [me?.user.id],
    );
    expect(denials).toEqual(Array(2).fill({ reason: "forbidden", detail: { path: "/admin" } }));
    const admin = await signedIn(app, { user: "haneul" });
    expect((await admin.request(`${app.url}/admin`)).status).toBe(200);
  });

  it("L14, FF-17: a role that the session's row gained opens the gate at the next request, and one that it lost does not", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const [fetching, former] = [browser.clone(), browser.clone()];
    const set = (roles: string[]) => app.rows(`UPDATE "Session" SET roles = $1 WHERE subject = 'minsu'`, [roles]);
    const audited = async () =>
      (await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'authorization.denied'`)).length;
    const before = await audited();
    await set(["support", "admin"]);
    // No admin page stands there yet: past the gate there is nothing.
    const page = await browser.visit(`${app.url}/admin/x?a=1`);
    expect([page.url, page.status]).toEqual([`${app.url}/admin/x?a=1`, 404]);
    expect(browser.setCookies.at(-1)).toMatch(/^daemun\.session[^;]*; Path=\/;.* HttpOnly; SameSite=Lax$/);
    const fetched = await fetching.fetch(`${app.url}/admin/x`, { method: "PUT", headers: own, body: "{}" });
    expect([fetched.status, fetched.location]).toEqual([307, `${app.url}/admin/x`]);
    expect((await fetching.fetch(`${app.url}/admin/x`)).status).toBe(404);
    for (const path of ["//admin/x", "/%2Fadmin/x", "/\\admin/x", "//admin"]) {
      const elsewhere = await former.clone().fetch(app.url + path);
      expect([path, new URL(elsewhere.location ?? app.url).origin]).toEqual([path, app.url]);
    }
    expect(await audited()).toBe(before);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    // The cookie of before, as a browser has it that was offline meanwhile: the row decides, and nothing is sealed.
    await set([]);
    const other = await signedIn(app, { user: "minsu" });
    const sealed = other.setCookies.length;
    expect((await other.request(`${app.url}/admin/x`)).status).toBe(403);
    expect(other.setCookies).toHaveLength(sealed);
    expect(await audited()).toBe(before + 1);
  });

  it("FF-17: while a sign-in is under way, no cookie is set for a role that came", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    await app.rows(`UPDATE "Session" SET roles = '{admin}' WHERE subject = 'minsu'`);
    await startSignIn(app, browser);
    const sealed = browser.setCookies.length;
    expect((await browser.request(`${app.url}/admin`)).status).toBe(403);
    expect((await browser.fetch(`${app.url}/admin`)).status).toBe(403);
    expect(browser.setCookies).toHaveLength(sealed);
  });

  it("MW-04: a revoked session with a good cookie is refused wherever data is read", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'eunji'`);
    const page = await browser.request(`${app.url}/account`);
    expect(new URL(page.location ?? "").searchParams.get("error")).toBe("session_revoked");
    const sent = await browser.request(page.location ?? "");
    expect(sent.body).toContain('role="alert"');
    expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(401);
    expect((await browser.fetch(`${app.url}/account`, { headers: { RSC: "1" } })).body).not.toContain("eunji");
    expect(JSON.parse((await browser.fetch(`${app.url}/api/session`)).body).authenticated).toBe(false);
    expect(await lastAudit(app, "session.rejected")).toMatchObject({ reason: "session_revoked" });
  });
});

describe("every answer", () => {
  const expectHeaders = (page: Page) => {
    const headers = Object.fromEntries(page.headers);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "strict-transport-security": expect.stringContaining("max-age="),
    });
    expect(headers["content-security-policy"]).toMatch(/frame-ancestors 'none'/);
    expect(headers["content-security-policy"]).toMatch(/object-src 'none'/);
    expect(headers["content-security-policy"]).toMatch(/base-uri 'none'/);
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["x-request-id"]).toMatch(/^[A-Za-z0-9-]{8,64}$/);
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  };

  it("HC-03: every answer carries the app's headers, errors and redirects too", async () => {
    const browser = await signedIn(app);
    for (const path of [
      "/",
      "/sign-in",
      "/account",
      "/api/me",
      "/api/session",
      "/healthz",
      "/nowhere",
      "/auth-error?code=forbidden",
      "/api/auth/csrf",
      "/api/auth/nowhere",
      "/sign-out",
      "/signed-out",
    ]) {
      expectHeaders(await browser.request(app.url + path));
      expectHeaders(await new HttpBrowser().request(app.url + path));
    }
  });

  it("an inbound request id is not believed without a trusted proxy", async () => {
    const answered = await new HttpBrowser().fetch(`${app.url}/api/me`, {
      headers: { "X-Request-Id": "mine-mine-mine" },
    });
    expect(answered.headers.get("x-request-id")).not.toBe("mine-mine-mine");
    expect(JSON.parse(answered.body).request_id).toBe(answered.headers.get("x-request-id"));
  });

  it("/auth-error reflects nothing but a known code and a well-formed reference", async () => {
    const page = await new HttpBrowser().visit(
      `${app.url}/auth-error?code=<script>canary-1</script>&ref=%22%3E%3Cb%3Ecanary-2&error_description=canary-3`,
    );
    expect(page.body).not.toMatch(/canary-[123]/);
    const plain = await new HttpBrowser().request(`${app.url}/auth-error?code=state_mismatch&ref=abcdef-12345`);
    expect(plain.status).toBe(400);
    expect(plain.body).toContain("abcdef-12345");
  });

  it("search engines are told to stay away", async () => {
    const answered = await new HttpBrowser().fetch(`${app.url}/robots.txt`);
    expect([answered.status, answered.body]).toEqual([200, expect.stringContaining("Disallow: /")]);
  });

  it("the image optimizer is off", async () => {
    const answered = await (await signedIn(app)).request(`${app.url}/_next/image?url=%2Ficon.svg&w=64&q=75`);
    expect([400, 404]).toContain(answered.status);
  });
});
