import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault, FaultRuleInput } from "../../../dev/provider/control-client";
import { sessionCookie } from "../../support/cookies";
import { count, expectLogged, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let control: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
  control = await signedIn(app, { user: "haneul" });
});
afterEach(async () => {
  await app.control.clearFaults("company");
  await app.control.setClock("company", 0);
});
afterAll(async () => {
  expect((await whoIs(app, control))?.sub).toBe("haneul");
  await app.close();
});

/** Signs in while the provider misbehaves once the person is back, and expects a refusal. */
async function expectFaultRefused(
  rule: FaultRuleInput | FaultRuleInput[],
  { code, tokenRequests = 1, cause }: { code: string | RegExp; tokenRequests?: number; cause?: string | RegExp },
): Promise<void> {
  const browser = new HttpBrowser();
  const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
  for (const each of [rule].flat()) await app.control.addFault("company", each);
  const before = await count(app);
  const startedAt = Date.now();
  const answered = await browser.request(back.location ?? "");
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  await expectRefused(app, browser, answered, { before, code, tokenRequests });
  if (cause) expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toMatch(cause);
  expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."))).toEqual([]);
}

const idToken = (change: Omit<Extract<Fault, { kind: "id_token" }>, "kind"> | object): FaultRuleInput => ({
  endpoint: "token",
  fault: { kind: "id_token", ...change } as FaultRuleInput["fault"],
});
const now = () => Math.floor(Date.now() / 1000);

describe("an ID token is refused when", () => {
  it.each(["other-key", "broken", "unknown-kid", "none", "hs256", "hs256-public-key", "es256"] as const)(
    "ID-01: an ID token is refused that is signed by %s",
    async (signWith) => {
      await expectFaultRefused(idToken({ signWith }), { code: "id_token_invalid", cause: /signature|alg|malformed/ });
    },
  );

  it("ID-01: an ID token is refused whose alg is none where the metadata lists none", async () => {
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "json", set: { id_token_signing_alg_values_supported: ["none", "HS256"] } },
    });
    await expectFaultRefused(idToken({ signWith: "none" }), { code: "id_token_invalid" });
  });

  it.each([
    ["wrong", { setClaims: { iss: "https://evil.test" } }],
    ["missing", { removeClaims: ["iss"] }],
    ["another tenant's", { setClaims: { iss: "http://localhost:1/tenant" } }],
  ])("ID-03: an ID token is refused whose issuer is %s", async (_what, change) => {
    await expectFaultRefused(idToken(change), { code: "id_token_invalid", cause: "iss" });
  });

  it("ID-03: an ID token is refused whose issuer has a slash too many", async () => {
    await expectFaultRefused(idToken({ setClaims: { iss: `${app.issuers.company}/` } }), {
      code: "id_token_invalid",
      cause: "iss",
    });
  });

  it.each([
    ["wrong", { setClaims: { aud: "evil" } }, "aud"],
    ["missing", { removeClaims: ["aud"] }, "aud"],
    ["shared with a stranger and azp is missing", { setClaims: { aud: ["daemun", "evil"] } }, "azp"],
    ["shared with a stranger and azp is the stranger", { setClaims: { aud: ["daemun", "evil"], azp: "evil" } }, "azp"],
    ["ours but azp is a stranger", { setClaims: { azp: "evil" } }, "azp"],
  ])("ID-04: an ID token is refused whose audience is %s", async (_what, change, cause) => {
    await expectFaultRefused(idToken(change), { code: "id_token_invalid", cause });
  });

  it.each([
    ["wrong", { setClaims: { nonce: "other" } }],
    ["absent", { removeClaims: ["nonce"] }],
    ["empty", { setClaims: { nonce: "" } }],
    ["no text", { setClaims: { nonce: null } }],
  ])("ID-05: an ID token is refused whose nonce is %s", async (_what, change) => {
    await expectFaultRefused(idToken(change), { code: "id_token_invalid", cause: "nonce" });
  });

  it("ID-05: an ID token is refused whose nonce is another tab's", async () => {
    const browser = new HttpBrowser();
    const other = new URL((await startSignIn(app, browser)).location ?? "");
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
    await app.control.addFault("company", idToken({ setClaims: { nonce: other.searchParams.get("nonce") } }));
    const before = await count(app);
    const answered = await browser.request(back.location ?? "");
    await expectRefused(app, browser, answered, { before, code: "id_token_invalid", tokenRequests: 1 });
  });

  it.each([
    ["exp is five minutes past", () => ({ setClaims: { exp: now() - 300 } }), "id_token_invalid", "exp"],
    ["exp is missing", () => ({ removeClaims: ["exp"] }), "id_token_invalid", "exp"],
    ["iat is missing", () => ({ removeClaims: ["iat"] }), "id_token_invalid", "iat"],
    ["iat is an hour old", () => ({ setClaims: { iat: now() - 3600 } }), "id_token_invalid", "iat_old"],
    ["iat is ten minutes ahead", () => ({ setClaims: { iat: now() + 600 } }), "clock_skew", "iat_ahead"],
    ["nbf is ten minutes ahead", () => ({ setClaims: { nbf: now() + 600 } }), /clock_skew|id_token_invalid/, /nbf/],
    ["sub is missing", () => ({ removeClaims: ["sub"] }), "id_token_invalid", "sub"],
    ["sub is empty", () => ({ setClaims: { sub: "" } }), "id_token_invalid", "sub"],
    ["sub has a NUL", () => ({ setClaims: { sub: "a\u0000b" } }), "id_token_invalid", "sub"],
    ["sid has a NUL", () => ({ setClaims: { sid: "a\u0000b" } }), "id_token_invalid", "sid"],
    ["sub is a number", () => ({ setClaims: { sub: 7 } }), "id_token_invalid", "sub"],
    ["sub is longer than 255", () => ({ setClaims: { sub: "x".repeat(256) } }), "id_token_invalid", "sub"],
    ["auth_time is ahead", () => ({ setClaims: { auth_time: now() + 600 } }), "id_token_invalid", "auth_time"],
    ["auth_time is no number", () => ({ setClaims: { auth_time: "x" } }), "id_token_invalid", "auth_time"],
    [
      "at_hash is another token's",
      () => ({ setClaims: { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" } }),
      "id_token_invalid",
      "at_hash",
    ],
  ] as const)("ID-06: an ID token is refused when %s", async (_what, change, code, cause) => {
    await expectFaultRefused(idToken(change()), { code, cause });
  });

  it("there is none", async () => {
    await expectFaultRefused(
      { endpoint: "token", fault: { kind: "json", remove: ["id_token"] } },
      { code: "id_token_invalid", cause: "missing" },
    );
  });
});

/** Those of the newest session. */
async function newestRoles(): Promise<string[] | undefined> {
  const [row] = await app.rows<{ roles: string[] }>(`SELECT roles FROM "Session" ORDER BY "createdAt" DESC LIMIT 1`);
  return row?.roles;
}

const odd = ["", null, 7, ["x"], {}];

describe("what a provider may leave out", () => {
  it.each(odd.map((value) => ({ value })))(
    "as a claim of an ID token is as absent where it is $value",
    async ({ value }) => {
      const lists = Array.isArray(value) ? [] : ["amr", "roles", "organizations"];
      const names = "name username picture email email_verified phone_number address locale updated_at acr sid".split(
        " ",
      );
      const setClaims = Object.fromEntries([...names, ...lists].map((name) => [name, value]));
      const hash = value === "" || typeof value !== "string" ? { at_hash: value } : {};
      const empty = value === "" || value === null ? { azp: value, auth_time: value, session_expiry: value } : {};
      await app.control.addFault("company", idToken({ setClaims: { ...setClaims, ...hash, ...empty } }));
      const browser = new HttpBrowser();
      await signIn(app, browser, { user: "haneul" });
      // Userinfo says what the ID token does not.
      expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul", user: { name: "김하늘" } });
      expect(await newestRoles()).toEqual(["admin"]);
    },
  );

  it.each([...odd, []].map((value) => ({ value })))(
    "as a member of its metadata is as absent where it is $value",
    async ({ value }) => {
      const texts = "userinfo_endpoint end_session_endpoint revocation_endpoint".split(" ");
      const lists =
        "code_challenge_methods_supported id_token_signing_alg_values_supported token_endpoint_auth_methods_supported scopes_supported prompt_values_supported".split(
          " ",
        );
      const isList = Array.isArray(value) && value.length > 0;
      const names = [...texts, ...(isList ? [] : lists), "authorization_response_iss_parameter_supported"];
      const set = Object.fromEntries(names.map((name) => [name, value]));
      await app.control.addFault("company", { endpoint: "discovery", times: null, fault: { kind: "json", set } });
      const browser = new HttpBrowser();
      await signIn(app, browser);
      await app.control.clearFaults("company");
      expect((await whoIs(app, browser))?.sub).toBe("minsu");
    },
  );

  it("is kept whole: three hundred roles of two hundred characters are three hundred", async () => {
    const roles = Array.from({ length: 300 }, (_, at) => `${at}-${"x".repeat(200)}`);
    await app.control.addFault("company", idToken({ setClaims: { roles } }));
    const browser = new HttpBrowser();
    await signIn(app, browser);
    expect(await newestRoles()).toEqual(roles);
  });

  it("is told in the log where it is not kept whole", async () => {
    const setClaims = { name: "n".repeat(500), email: `${"e".repeat(400)}@example.com`, roles: ["a", 7, "b"] };
    await app.control.addFault("company", idToken({ setClaims }));
    await signIn(app, new HttpBrowser());
    for (const what of ["name", "email", "roles"])
      await expectLogged(app.instance, new RegExp(`answer\\.cut[^\\n]*"what":"${what}"`));
  });
});

describe("an ID token is good when", () => {
  it.each([
    ["its audience is a list of us alone", { setClaims: { aud: ["daemun"] } }],
    ["its audience has more and azp is us", { setClaims: { aud: ["daemun", "other"], azp: "daemun" } }],
    [
      "a name has bytes that no database keeps",
      { setClaims: { name: "a\u0000b\ud800", nested: { "k\u0000": ["\udfff"] } } },
    ],
    ["a claim spells an escape", { setClaims: { note: "x\\u0000" } }],
    [
      "claims come that nobody knows",
      { setClaims: { __proto: { polluted: true }, "x:y": ["<b>"], big: "x".repeat(3000) } },
    ],
  ])("ID-04: an ID token is good when %s", async (_what, change) => {
    await app.control.addFault("company", idToken(change));
    const browser = new HttpBrowser();
    await signIn(app, browser);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect(browser.cookie(app.url, sessionCookie(app.url))?.length).toBeLessThan(1500);
  });
});

describe("discovery and keys", () => {
  it.each([
    ["another host", (issuer: string) => issuer.replace("localhost", "evil.test")],
    ["a trailing slash", (issuer: string) => `${issuer}/`],
    ["https for http", (issuer: string) => issuer.replace("http:", "https:")],
    ["another case", (issuer: string) => issuer.replace("localhost", "LOCALHOST")],
  ])("DJ-01: metadata whose issuer is ours but for %s starts no sign-in", async (_what, change) => {
    const issuer = change(app.issuers.company ?? "");
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "json", set: { issuer } },
    });
    const browser = new HttpBrowser();
    const before = await count(app);
    const answered = await startSignIn(app, browser);
    await expectRefused(app, browser, answered, { before, code: "provider_misconfigured", tokenRequests: 0 });
    expect(answered.location).not.toContain(new URL(issuer).origin === app.url ? "x" : "evil.test");
  });

  it.each([
    ["token_endpoint", "http://evil.test/token"],
    ["token_endpoint", "https://evil.test/token"],
    ["token_endpoint", "http://127.0.0.1:5432/"],
    ["token_endpoint", "http://169.254.169.254/latest/meta-data"],
    ["jwks_uri", "https://evil.test/keys"],
    ["authorization_endpoint", "https://evil.test/authorize"],
    ["authorization_endpoint", "javascript:alert(1)"],
    ["userinfo_endpoint", "file:///etc/passwd"],
    ["end_session_endpoint", "https://evil.test/end"],
  ])("DJ-05: metadata whose %s is %s starts no sign-in", async (name, address) => {
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "json", set: { [name]: address } },
    });
    const browser = new HttpBrowser();
    const before = await count(app);
    const answered = await startSignIn(app, browser);
    await expectRefused(app, browser, answered, { before, code: "provider_misconfigured", tokenRequests: 0 });
  });

  it("DJ-05: discovery that redirects is not followed", async () => {
    const partner = app.issuers.partner ?? "";
    await app.control.clearJournal("partner");
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "respond", status: 302, headers: { Location: `${partner}/.well-known/openid-configuration` } },
    });
    const browser = new HttpBrowser();
    const before = await count(app);
    await expectRefused(app, browser, await startSignIn(app, browser), { before, code: "provider_misconfigured" });
    expect(await app.control.journal("partner")).toEqual([]);
  });

  it("DJ-02: keys that change right before signing, or between two sign-ins, keep nobody out", async () => {
    const browser = new HttpBrowser();
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
    await app.control.rotateKeys("company", { keepOld: true });
    await browser.request(back.location ?? "");
    expect((await whoIs(app, browser))?.sub).toBe("minsu");

    await app.control.rotateKeys("company", { keepOld: false });
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    await signedIn(app, { user: "eunji" });
    await app.control.rotateKeys("company", { keepOld: false });
    await signedIn(app, { user: "jiwoo" });
  });

  it("a provider without userinfo works, on its ID token's claims", async () => {
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "json", remove: ["userinfo_endpoint"] },
    });
    const browser = await signedIn(app, { user: "minsu" });
    const me = await whoIs(app, browser);
    const [row] = await app.rows(
      `SELECT "claimsSource" FROM "Session" WHERE "userId" = $1 ORDER BY "createdAt" DESC LIMIT 1`,
      [me?.user.id],
    );
    expect(row).toEqual({ claimsSource: "id-token" });
  });

  it("a provider that takes client secrets only in the body gets them there", async () => {
    await app.control.addFault("company", {
      endpoint: "discovery",
      times: null,
      fault: { kind: "json", set: { token_endpoint_auth_methods_supported: ["client_secret_post"] } },
    });
    await signedIn(app, { user: "minsu" });
    const requests = await app.control.journal("company", { endpoint: "token" });
    expect(requests.at(-1)?.form).toMatchObject({ client_id: "daemun" });
    expect(requests.at(-1)?.headers.authorization).toBeUndefined();
  });
});

describe("the token endpoint", () => {
  it.each([
    [400, "invalid_grant", "provider_error"],
    [401, "invalid_client", "provider_misconfigured"],
    [400, "<b>\u202eevil", "provider_error"],
  ])(
    "TE-01: the token endpoint's %i %s ends the sign-in, asked once, with the cause on record",
    async (status, error, code) => {
      const fault = { kind: "respond", status, json: { error, error_description: "canary-description" } } as const;
      await expectFaultRefused(
        { endpoint: "token", fault },
        { code, cause: /^(invalid_grant|invalid_client|status_400)$/ },
      );
      // What it says is the operator's to read (FF-35).
      await expectLogged(app.instance, /"event":"provider.refused"[^\n]*canary-description/);
      if (error === "invalid_client")
        await expectLogged(app.instance, /"level":"error".*"event":"provider.client_refused"/);
    },
  );

  it.each([
    ["html", { kind: "respond", status: 200, headers: { "Content-Type": "text/html" }, body: "<p>hello</p>" }],
    [
      "JSON cut short",
      { kind: "respond", status: 200, headers: { "Content-Type": "application/json" }, body: '{"access_token":"a' },
    ],
    ["nothing", { kind: "respond", status: 200, headers: { "Content-Type": "application/json" }, body: "" }],
    ["204", { kind: "respond", status: 204 }],
    ["null", { kind: "respond", status: 200, headers: { "Content-Type": "application/json" }, body: "null" }],
    ["a list", { kind: "respond", status: 200, headers: { "Content-Type": "application/json" }, body: "[]" }],
    [
      "bytes that are no text",
      { kind: "respond", status: 200, headers: { "Content-Type": "application/json" }, bodyBase64: "eyJhIjoi//79In0=" },
    ],
    ["a stream without end", { kind: "flood", bytes: null }],
    ["a gzip bomb", { kind: "gzip_bomb", bytes: 500_000_000 }],
    ["another token type", { kind: "json", set: { token_type: "mac" } }],
    ["an absurd lifetime", { kind: "json", set: { expires_in: "soon" } }],
  ] as const)("TE-02: %s is no token response", async (_what, fault) => {
    await expectFaultRefused({ endpoint: "token", fault } as FaultRuleInput, { code: "invalid_response" });
  });

  it("TE-02: a redirect from the token endpoint is not followed", async () => {
    const fault = { kind: "respond", status: 307, headers: { Location: `${app.issuers.partner}/token` } } as const;
    await app.control.clearJournal("partner");
    await expectFaultRefused({ endpoint: "token", fault }, { code: "provider_misconfigured" });
    expect(await app.control.journal("partner")).toEqual([]);
  });

  it.each([
    ["hangs", { kind: "hang" }, "provider_timeout"],
    ["drips", { kind: "drip", everyMs: 1000 }, "provider_timeout"],
    ["resets", { kind: "reset" }, "provider_unavailable"],
    ["breaks off", { kind: "truncate", bytes: 20 }, "provider_unavailable"],
    ["is out of order", { kind: "respond", status: 503 }, "provider_unavailable"],
    ["wants less", { kind: "respond", status: 429 }, "provider_unavailable"],
  ] as const)("TE-04: a token endpoint that %s is told from one that refuses", async (_what, fault, code) => {
    await expectFaultRefused({ endpoint: "token", fault } as FaultRuleInput, { code });
  });
});

describe("userinfo at sign-in", () => {
  it("UI-01: userinfo about another subject ends the sign-in", async () => {
    const fault = { kind: "userinfo", setClaims: { sub: "haneul" } } as const;
    await expectFaultRefused(
      { endpoint: "userinfo", fault },
      { code: "provider_misconfigured", cause: "userinfo_sub" },
    );
  });

  it("UI-04: userinfo that is not what it should be ends the sign-in", async () => {
    const html = { kind: "respond", status: 200, headers: { "Content-Type": "text/html" }, body: "<p>" } as const;
    await expectFaultRefused({ endpoint: "userinfo", fault: html }, { code: "invalid_response" });
    const unsigned = { kind: "userinfo", jwt: { signWith: "none" } } as const;
    await expectFaultRefused({ endpoint: "userinfo", fault: unsigned }, { code: "invalid_response" });
    const stranger = { kind: "userinfo", jwt: { signWith: "other-key" } } as const;
    await expectFaultRefused({ endpoint: "userinfo", fault: stranger }, { code: "invalid_response" });
  });

  it.each([{ kind: "respond", status: 503 }, { kind: "hang" }, { kind: "reset" }] as const)(
    "one that is away (%o) keeps nobody out, and the session says where its claims are from",
    async (fault) => {
      await app.control.addFault("company", { endpoint: "userinfo", fault });
      const browser = await signedIn(app, { user: "minsu" });
      const me = await whoIs(app, browser);
      const [row] = await app.rows(
        `SELECT "claimsSource" FROM "Session" WHERE "userId" = $1 ORDER BY "createdAt" DESC LIMIT 1`,
        [me?.user.id],
      );
      expect(row).toEqual({ claimsSource: "id-token" });
    },
  );

  it("UI-03: userinfo gets the token in the header alone, with none of the browser's cookies", async () => {
    await app.control.clearJournal("company");
    await signedIn(app, { user: "minsu" });
    const [request] = await app.control.journal("company", { endpoint: "userinfo" });
    expect(request?.headers.authorization).toMatch(/^Bearer /);
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.query).toEqual({});
  });
});

describe("userinfo afterwards", () => {
  const ask = async (browser: HttpBrowser, source: string) => {
    const answered = await browser.fetch(`${app.url}/api/me?source=${source}`);
    return { status: answered.status, body: JSON.parse(answered.body) };
  };

  it("L6, L8: userinfo gives claims that only it carries, fresh from the provider, and a requested empty one as null", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const known = await ask(browser, "id-token");
    expect(known.body).toMatchObject({ source: "id-token", sub: "haneul" });
    expect(known.body.claims).not.toHaveProperty("custom_data");
    await app.control.clearJournal("company");
    await ask(browser, "id-token");
    expect(await app.control.journal("company")).toEqual([]);
    const fresh = await ask(browser, "userinfo");
    expect(fresh).toMatchObject({ status: 200, body: { source: "userinfo", sub: "haneul" } });
    expect(fresh.body.claims).toHaveProperty("custom_data");
    const blank = await signedIn(app, { user: "blank" });
    expect((await ask(blank, "userinfo")).body.claims).toMatchObject({ name: null, email: null });
  });

  it("UI-01: userinfo about another subject is refused, and the session goes on", async () => {
    const browser = await signedIn(app);
    const fault = { kind: "userinfo", setClaims: { sub: "haneul" } } as const;
    await app.control.addFault("company", { endpoint: "userinfo", fault });
    expect(await ask(browser, "userinfo")).toMatchObject({ status: 400, body: { error: "identity_mismatch" } });
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it.each([
    [{ kind: "reset" }, 503, "provider_unavailable"],
    [{ kind: "hang" }, 504, "provider_timeout"],
    [{ kind: "respond", status: 401 }, 401, "reauthentication_required"],
  ] as const)("one that fails by %o is told apart, and costs nobody the session", async (fault, status, error) => {
    const browser = await signedIn(app);
    // A token that is not taken is replaced, once.
    await app.control.addFault("company", { endpoint: "userinfo", fault, times: null });
    expect(await ask(browser, "userinfo")).toMatchObject({ status, body: { error } });
    await app.control.clearFaults("company");
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it("another source is no source", async () => {
    expect(await ask(await signedIn(app), "elsewhere")).toMatchObject({
      status: 400,
      body: { error: "invalid_request" },
    });
  });
});

describe("a provider that is down", () => {
  it("OU-03: with a provider down the sign-in page says so, sessions go on, and the other provider works", async () => {
    for (const fault of [{ kind: "reset" }, { kind: "hang" }] as const) {
      await app.control.addFault("company", { endpoint: "discovery", times: null, fault });
      const startedAt = Date.now();
      const browser = new HttpBrowser();
      const answered = await startSignIn(app, browser);
      const target = new URL(answered.location ?? "");
      expect(target.pathname).toBe("/sign-in");
      expect(target.searchParams.get("error")).toBe(
        fault.kind === "hang" ? "provider_timeout" : "provider_unavailable",
      );
      const page = await browser.request(target.href);
      expect(page.status).toBe(200);
      expect(page.body).toContain('role="alert"');
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect((await whoIs(app, control))?.sub).toBe("haneul");
      await signedIn(app, { provider: "partner", user: "seoyeon" });
      await app.control.clearFaults("company");
    }
    await signedIn(app, { user: "minsu" });
  });
});
