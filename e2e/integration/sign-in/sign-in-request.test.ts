import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { count, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { shareTestApp, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const apis = ["https://shopping.example/api", "https://store.example/api"];
const apiScopes = ["shopping:read", "shopping:write", "store:read", "store:write"];

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

async function authorizationUrl(options: Parameters<typeof startSignIn>[2] = {}): Promise<URL> {
  const started = await startSignIn(app, new HttpBrowser(), options);
  expect(started.status).toBe(302);
  return new URL(started.location ?? "");
}

describe("the authorization request", () => {
  it.each(["company", "partner"])(
    "LR-01: the authorization request is complete, fresh each time and bound to this browser, for %s",
    async (provider) => {
      const browser = new HttpBrowser();
      const [first, second] = [
        await authorizationUrl({ provider }),
        new URL((await startSignIn(app, browser, { provider })).location ?? ""),
      ];
      for (const url of [first, second]) {
        expect(url.origin).toBe(app.issuers[provider]);
        const sent = Object.fromEntries(url.searchParams);
        expect(sent).toMatchObject({
          response_type: "code",
          client_id: "daemun",
          redirect_uri: `${app.url}/api/auth/callback/${provider}`,
          code_challenge_method: "S256",
          code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
          scope: `${app.environment[`AUTH_${provider.toUpperCase()}_SCOPE`]} ${apiScopes.join(" ")}`,
        });
        expect(url.searchParams.getAll("resource")).toEqual(apis);
        expect(Object.keys(sent).sort()).toEqual([
          "client_id",
          "code_challenge",
          "code_challenge_method",
          "nonce",
          "redirect_uri",
          "resource",
          "response_type",
          "scope",
          "state",
        ]);
        expect(sent.state?.length).toBeGreaterThanOrEqual(22);
        expect(sent.nonce?.length).toBeGreaterThanOrEqual(22);
      }
      for (const name of ["state", "nonce", "code_challenge"]) {
        expect(first.searchParams.get(name)).not.toBe(second.searchParams.get(name));
      }
      const cookie = browser.setCookies.find((line) => line.startsWith("daemun.tx."));
      expect(cookie).toMatch(/; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/);
    },
  );

  it("LR-02: the authorization request holds the server's values, whatever the request says, and the audit row names what was refused", async () => {
    const evil = {
      redirect_uri: "https://evil.test/cb",
      client_id: "other",
      response_type: "token",
      response_mode: "form_post",
      scope: "admin",
      max_age: "0",
      request: "eyJhbGciOiJub25lIn0.e30.",
      request_uri: "https://evil.test/r",
      state: "mine",
      nonce: "mine",
      code_challenge: "mine",
      acr_values: "low",
    };
    const plain = await authorizationUrl();
    const tried = await authorizationUrl({ extra: evil });
    expect([...tried.searchParams.keys()].sort()).toEqual([...plain.searchParams.keys()].sort());
    for (const name of ["redirect_uri", "client_id", "response_type", "scope"]) {
      expect(tried.searchParams.get(name)).toBe(plain.searchParams.get(name));
    }
    expect(tried.href).not.toMatch(/evil|mine/);
    const row = await lastAudit(app, "sign_in.started");
    expect(row?.detail.refused).toEqual(expect.arrayContaining(Object.keys(evil)));
    expect(JSON.stringify(row)).not.toContain("evil.test");
  });

  it("LR-02: the authorization request holds the server's values, whatever the form's address says", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in`);
    const token = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const answered = await browser.request(
      `${app.url}/api/auth/signin/company?redirect_uri=https://evil.test/cb&client_id=other&login_hint=haneul`,
      { method: "POST", form: { csrfToken: token } },
    );
    const url = new URL(answered.location ?? "");
    expect(url.searchParams.get("redirect_uri")).toBe(`${app.url}/api/auth/callback/company`);
    expect(url.searchParams.get("client_id")).toBe("daemun");
    expect(url.searchParams.get("login_hint")).toBe("haneul");
  });

  it("LR-02: the authorization request passes a login hint, a prompt and languages on, and refuses what they cannot be", async () => {
    const passed = await authorizationUrl({ extra: { login_hint: "haneul", prompt: "login", ui_locales: "ko en" } });
    expect(Object.fromEntries(passed.searchParams)).toMatchObject({
      login_hint: "haneul",
      prompt: "login",
      ui_locales: "ko en",
    });
    for (const extra of [
      { prompt: "none" },
      { prompt: "login consent" },
      { ui_locales: "<b>" },
      { login_hint: "a\nb" },
    ]) {
      const answered = await startSignIn(app, new HttpBrowser(), { extra: extra as Record<string, string> });
      expect(new URL(answered.location ?? "").pathname).toBe("/auth-error");
      expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("invalid_request");
    }
  });

  describe("LR-05: a resource or an organization that nobody here knows", () => {
    const shopping = "https://shopping.example/api";
    const resources: [string, [string, string][]][] = [
      ["unknown", [["resource", "https://rs9.test"]]],
      ["one that nearly is", [["resource", `${shopping}/`]]],
      ["one in capitals", [["resource", shopping.toUpperCase()]]],
      ["a path", [["resource", "../../"]]],
      ["2 KB", [["resource", `${shopping}?${"x".repeat(2048)}`]]],
      ["with a NUL", [["resource", `${shopping}\u0000`]]],
      ["an array", [["resource[]", shopping]]],
      ["an array with places", [["resource[0]", shopping]]],
      [
        "twice",
        [
          ["resource", shopping],
          ["resource", shopping],
        ],
      ],
      [
        "one known and one not",
        [
          ["resource", shopping],
          ["resource", "https://rs9.test"],
        ],
      ],
    ];
    const organizations: [string, [string, string][]][] = [
      ["unknown", [["organization", "org_X"]]],
      ["by its short name", [["org", "org_hanok"]]],
      ["by Logto's name", [["organization_id", "org_hanok"]]],
      ["a path", [["org", "../../"]]],
      ["2 KB", [["organization", "x".repeat(2048)]]],
      ["an array", [["organization[]", "org_hanok"]]],
      [
        "twice",
        [
          ["org", "org_hanok"],
          ["org", "org_maru"],
        ],
      ],
      [
        "beside a known resource",
        [
          ["resource", shopping],
          ["organization", "org_hanok"],
        ],
      ],
    ];
    const cases = [
      ...resources.map(([how, fields]) => ["unknown_resource", how, fields] as const),
      ...organizations.map(([how, fields]) => ["unknown_organization", how, fields] as const),
    ];

    it.each(cases)("%s: %s, in the form and in the query", async (code, _, fields) => {
      const browser = new HttpBrowser();
      const page = await browser.request(`${app.url}/sign-in`);
      const csrfToken = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
      const address = `${app.url}/api/auth/signin/company`;
      const before = await rowCounts();
      const atProvider = (await app.control.journal("company", { endpoint: "authorization" })).length;
      const tries = [
        [address, [["csrfToken", csrfToken], ...fields]],
        [`${address}?${new URLSearchParams(fields as [string, string][])}`, [["csrfToken", csrfToken]]],
      ] as [string, [string, string][]][];
      for (const [url, form] of tries) {
        const answered = await browser.fetch(url, { method: "POST", form: new URLSearchParams(form) });
        expect([answered.status, JSON.parse(answered.body).error]).toEqual([400, code]);
        expect(answered.headers.getSetCookie()).toEqual([]);
        const row = await lastAudit(app, "sign_in.started");
        expect(row).toMatchObject({ outcome: "failure", reason: code, provider: "company" });
        expect(row?.requestId).toBe(answered.headers.get("x-request-id"));
        expect(JSON.stringify(row)).not.toMatch(/rs9|org_|xxx/);
      }
      expect((await app.control.journal("company", { endpoint: "authorization" })).length).toBe(atProvider);
      expect(await rowCounts()).toEqual({ ...before, audit: (before?.audit ?? 0) + 2 });
    });

    /** Every table that a sign-in could write to. */
    async function rowCounts() {
      const [row] = await app.rows<Record<string, number>>(
        `SELECT (SELECT count(*)::int FROM "User") users, (SELECT count(*)::int FROM "Session") sessions,
                (SELECT count(*)::int FROM "Grant") grants, (SELECT count(*)::int FROM "SpentState") states,
                (SELECT count(*)::int FROM "AuditEvent") audit`,
      );
      return row;
    }

    it("is told on a page to who came with a form", async () => {
      const answered = await startSignIn(app, new HttpBrowser(), { extra: { resource: "https://rs9.test" } });
      expect([answered.status, answered.location]).toEqual([400, null]);
      expect(answered.headers.get("refresh")).toMatch(/^0; url=\/auth-error\?code=unknown_resource&/);
    });

    it("a known one passes and changes nothing, an empty one is none", async () => {
      const plain = await authorizationUrl();
      for (const resource of [shopping, ""]) {
        const asked = await authorizationUrl({ extra: { resource } });
        expect([...asked.searchParams.keys()]).toEqual([...plain.searchParams.keys()]);
        expect(asked.searchParams.getAll("resource")).toEqual(plain.searchParams.getAll("resource"));
        expect((await lastAudit(app, "sign_in.started"))?.detail.refused).toEqual([]);
      }
    });
  });

  it("names that no database keeps are refused like any other, and the audit trail goes on", async () => {
    for (const name of ["a\u0000b", "\ud800", `${"x".repeat(39)}\u{1f600}`]) {
      expect((await startSignIn(app, new HttpBrowser(), { extra: { [name]: "1" } })).status).toBe(302);
    }
    const [before] = await app.rows<{ n: number }>(`SELECT count(*)::int n FROM "AuditEvent"`);
    await authorizationUrl();
    const [after] = await app.rows<{ n: number }>(`SELECT count(*)::int n FROM "AuditEvent"`);
    expect((after?.n ?? 0) - (before?.n ?? 0)).toBe(1);
  });

  it("a field that comes twice is refused", async () => {
    const browser = new HttpBrowser();
    await browser.request(`${app.url}/sign-in`);
    const answered = await browser.fetch(`${app.url}/api/auth/signin/company`, {
      method: "POST",
      form: new URLSearchParams("csrfToken=a&csrfToken=b"),
    });
    expect(answered.status).toBe(400);
    expect(JSON.parse(answered.body)).toMatchObject({ error: "invalid_request", request_id: expect.any(String) });
  });

  it("LO-03, CS-01: a sign-in form from elsewhere, or with another browser's token, starts nothing", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in`);
    const token = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const other = await new HttpBrowser().request(`${app.url}/sign-in`);
    const foreign = /name="csrfToken" value="([^"]+)"/.exec(other.body)?.[1] ?? "";
    const before = await count(app);
    const tries: [Record<string, string>, string][] = [
      [{ Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }, token],
      [{ Origin: "null" }, token],
      [{ Origin: `${app.url}.evil.test` }, token],
      [{ Origin: "", "Sec-Fetch-Site": "cross-site" }, token],
      [{}, foreign],
      [{ Origin: "https://evil.test" }, ""],
      [{}, "x".repeat(43)],
    ];
    for (const [headers, csrfToken] of tries) {
      const answered = await browser.fetch(`${app.url}/api/auth/signin/company`, {
        method: "POST",
        form: { csrfToken },
        headers,
      });
      expect(answered.status, JSON.stringify([headers, csrfToken])).toBe(403);
      expect(JSON.parse(answered.body).error).toBe("csrf_rejected");
      expect(answered.headers.getSetCookie()).toEqual([]);
    }
    expect(await count(app)).toMatchObject({ users: before.users, sessions: before.sessions });
    expect(await lastAudit(app, "csrf.rejected")).toMatchObject({ outcome: "failure", reason: "csrf_rejected" });
  });

  it("works for NextAuth's own clients: the token of /api/auth/csrf fits this browser", async () => {
    const browser = new HttpBrowser();
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const answered = await browser.request(`${app.url}/api/auth/signin/company`, {
      method: "POST",
      form: { csrfToken, callbackUrl: `${app.url}/account?a=1` },
    });
    expect(answered.status).toBe(302);
    expect(JSON.parse((await browser.fetch(`${app.url}/api/auth/providers`)).body)).toMatchObject({
      company: { id: "company", signinUrl: `${app.url}/api/auth/signin/company` },
    });
  });

  it("L1: sign-up shows the provider's registration page first", async () => {
    const url = await authorizationUrl({ extra: { mode: "sign-up" } });
    expect(url.searchParams.get("prompt")).toBe("create");
  });

  it.each([
    "/account?y=1&z=%2F#frag",
    `/account?long=${"x".repeat(1490)}`,
    `/account/${encodeURIComponent("주문")}?q=%EA%B0%80`,
    "/account?a=b+c&d=%20&e=%25",
  ])("OR-03: the deep link %s comes back exactly", async (returnTo) => {
    const browser = new HttpBrowser();
    const returned = await signIn(app, browser, { returnTo });
    expect(returned.headers.get("location")).toBe(returnTo);
  });

  it("OR-03: a deep link that the gate turned away comes back exactly, also after a failed try", async () => {
    const browser = new HttpBrowser();
    const asked = "/account?y=1&z=%2F&k=%EA%B0%80";
    const turned = await browser.request(app.url + asked);
    expect(turned.status).toBe(307);
    const returnTo = new URL(turned.location ?? "").searchParams.get("returnTo") ?? "";
    expect(returnTo).toBe(asked);
    await app.control.addFault("company", { endpoint: "discovery", fault: { kind: "respond", status: 503 } });
    const failed = await startSignIn(app, browser, { returnTo });
    const page = await browser.request(failed.location ?? "");
    expect(page.body).toContain('data-provider="company"');
    const again = new URL(failed.location ?? "").searchParams;
    expect(again.get("error")).toBe("provider_unavailable");
    const returned = await signIn(app, browser, { returnTo: again.get("returnTo") ?? "" });
    expect(returned.headers.get("location")).toBe(asked);
  });

  it.each([
    "//evil.test",
    "/\\evil.test",
    "https:evil.test",
    "https://evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.test",
    "/\n/evil.test",
    "/%2Fevil.test",
    "/api/me",
    "/sign-in",
    "/sign-out",
  ])("OR-01: returnTo=%j lands on the account page", async (returnTo) => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in?${new URLSearchParams({ returnTo })}`);
    expect(page.status).toBe(200);
    expect(page.body).toContain('name="returnTo" value="/account"');
    const returned = await signIn(app, browser, { extra: { returnTo } });
    expect(returned.headers.get("location")).toBe("/account");
    expect(await whoIs(app, browser)).not.toBeNull();
  });
});
