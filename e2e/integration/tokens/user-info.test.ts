import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault, FaultRuleInput } from "../../../dev/provider/control-client";
import { isErrorCode } from "../../../edge/error-codes";
import { sessionCookie } from "../../support/cookies";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
let minsu: HttpBrowser;
beforeAll(async () => {
  // The partner's people are asked for less than the company's.
  app = await openTestApp({ env: { AUTH_PARTNER_SCOPE: "openid email" } });
  haneul = await signedIn(app, { user: "haneul" });
  minsu = await signedIn(app, { user: "minsu" });
});
afterEach(async () => {
  await app.control.clearFaults("company");
  expect((await whoIs(app, minsu))?.sub).toBe("minsu");
});
afterAll(() => app.close());

const ask = async (browser: HttpBrowser) => {
  const answered = await browser.fetch(`${app.url}/api/me?source=userinfo`);
  return { ...answered, json: JSON.parse(answered.body) };
};

/** Asks for minsu's userinfo while the provider misbehaves. */
async function askWith(fault: FaultRuleInput["fault"]) {
  await app.control.addFault("company", { endpoint: "userinfo", fault });
  return ask(minsu);
}

const json = (body: string): FaultRuleInput["fault"] => ({
  kind: "respond",
  status: 200,
  headers: { "Content-Type": "application/json" },
  body,
});

describe("userinfo", () => {
  it("L6: userinfo gives everything that the scopes ask for, as the provider says it", async () => {
    const { status, json } = await ask(haneul);
    expect(status).toBe(200);
    expect(json.claims).toMatchObject({
      sub: "haneul",
      name: "김하늘",
      created_at: 1_650_000_000_000,
      updated_at: 1_760_000_000_000,
      locale: "ko-KR",
      phone_number_verified: true,
      address: { postal_code: "03045", country: "KR" },
      custom_data: { theme: "dark", beta: true, limits: { seats: 12 } },
      identities: { google: { userId: "1184", details: { email: "haneul@gmail.example" } } },
      sso_identities: [{ issuer: "https://sso.example", identityId: "hk-7", detail: { department: "design" } }],
      roles: ["admin"],
      organizations: ["org_hanok", "org_maru"],
      organization_data: [
        { id: "org_hanok", name: "Hanok Works", description: "Builds in wood." },
        { id: "org_maru", name: "Maru Studio", description: "Designs the floors." },
      ],
      organization_roles: ["org_hanok:admin", "org_maru:member"],
    });
  });

  it("L8: userinfo says null for what was asked for and is empty, and nothing for what was not asked for", async () => {
    const nullable = ["name", "username", "picture", "created_at", "updated_at", "email", "phone_number"];
    const all = (await ask(await signedIn(app, { user: "blank" }))).json.claims;
    expect(all).toEqual({ sub: "blank", ...Object.fromEntries(nullable.map((name) => [name, null])) });

    await app.control.putUser("partner", { sub: "blank", login: "blank", about: { en: "Empty", ko: "없음" } });
    const few = await ask(await signedIn(app, { provider: "partner", user: "blank" }));
    expect(few.json.claims).toEqual({ sub: "blank", email: null });
  });

  it("UI-01: userinfo about another subject shows nothing of them, and the next answer counts again", async () => {
    const theirs = { sub: "haneul", name: "김하늘", email: "haneul@company.example", custom_data: { theme: "dark" } };
    for (const fault of [
      { kind: "userinfo", setClaims: theirs },
      { kind: "userinfo", setClaims: theirs, jwt: { setClaims: { aud: "daemun" } } },
      { kind: "userinfo", setClaims: { ...theirs, sub: "minsu\0" } },
      { kind: "userinfo", removeClaims: ["sub"], setClaims: { name: "김하늘" } },
    ] as const) {
      const { status, json, body } = await askWith(fault as unknown as FaultRuleInput["fault"]);
      expect([status, json.error]).toEqual([400, "identity_mismatch"]);
      expect(body).not.toMatch(/haneul|김하늘|theme/);
      expect((await whoIs(app, minsu))?.sub).toBe("minsu");
    }
    expect((await ask(minsu)).json.claims.sub).toBe("minsu");
  });

  it("UI-03: userinfo is asked for with the token in the header alone: no query, no body, no cookie", async () => {
    await app.control.clearJournal("company");
    await ask(minsu);
    const requests = await app.control.journal("company", { endpoint: "userinfo" });
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(request?.headers.authorization).toMatch(/^Bearer \S+$/);
    expect(request).toMatchObject({ method: "GET", query: {}, form: {} });
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.headers.referer).toBeUndefined();
    expect(JSON.stringify(request?.headers)).not.toContain(minsu.cookie(app.url, sessionCookie(app.url)));
  });

  it.each([301, 302, 303, 307, 308])("UI-03: the token for userinfo follows no redirect (%i)", async (status) => {
    await app.control.clearJournal("partner");
    const Location = `${app.issuers.partner}/me`;
    const answered = await askWith({ kind: "respond", status, headers: { Location } });
    expect([answered.status, answered.json.error]).toEqual([503, "provider_misconfigured"]);
    expect(await app.control.journal("partner")).toEqual([]);
  });

  it("UI-04: userinfo may be signed by the provider", async () => {
    const { status, json } = await askWith({ kind: "userinfo", jwt: { setClaims: { aud: "daemun" } } });
    expect([status, json.claims.sub, json.claims.name]).toEqual([200, "minsu", "이민수"]);
  });

  it.each([
    ["signed by nobody", { signWith: "none" }],
    ["signed by a stranger", { signWith: "other-key" }],
    ["signed with a key that nobody published", { signWith: "unknown-kid" }],
    ["signed with the client's secret", { signWith: "hs256" }],
    ["signed with the public key as a secret", { signWith: "hs256-public-key" }],
    ["signed and broken", { signWith: "broken" }],
    ["signed for another client", { setClaims: { aud: "evil" } }],
    ["signed for nobody", { removeClaims: ["aud"] }],
    ["signed by another issuer", { setClaims: { aud: "daemun", iss: "https://evil.test" } }],
    ["signed long ago", { setClaims: { aud: "daemun", exp: 1_700_000_000 } }],
  ] as const)("UI-04: userinfo is refused: %s", async (_what, jwt) => {
    const setClaims = { aud: "daemun", ...("setClaims" in jwt && jwt.setClaims) };
    const { status, json } = await askWith({ kind: "userinfo", jwt: { ...jwt, setClaims } } as FaultRuleInput["fault"]);
    expect([status, json.error, json.claims]).toEqual([400, "invalid_response", undefined]);
  });

  it.each([
    ["a page", { kind: "respond", status: 200, headers: { "Content-Type": "text/html" }, body: "<p>hello</p>" }],
    ["a list", json('[{"sub":"minsu"}]')],
    ["JSON cut short", json('{"sub":"minsu"')],
    ["no UTF-8", { ...json(""), body: undefined, bodyBase64: "eyJzdWIiOiJtaW5zdSIsImEiOiL/In0=" }],
    ["JSON named a JWT", { ...json('{"sub":"minsu"}'), headers: { "Content-Type": "application/jwt" } }],
  ] as [string, FaultRuleInput["fault"]][])("UI-04: userinfo is refused: %s", async (_what, fault) => {
    const { status, json } = await askWith(fault);
    expect([status, json.error]).toEqual([400, "invalid_response"]);
  });
});

describe("floods from userinfo", () => {
  /** Megabytes that the app's processes hold. */
  async function residentMegabytes(): Promise<number> {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,rss="]);
    const rows = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
    const kilobytes = rows.filter(([group]) => group === app.instance.pid).map(([, size]) => size ?? 0);
    expect(kilobytes).not.toEqual([]);
    return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
  }

  it.each([
    ["50 MB", { kind: "flood", bytes: 50_000_000 }],
    ["a stream without end", { kind: "flood", bytes: null }],
    ["a gzip bomb", { kind: "gzip_bomb", bytes: 500_000_000 }],
    ["a gzip bomb named a JWT", { kind: "gzip_bomb", bytes: 500_000_000, contentType: "application/jwt" }],
  ] as const)(
    "UI-04: userinfo with %s, five times at once, costs little, and others are served meanwhile",
    async (_what, fault) => {
      for (let warm = 0; warm < 10; warm += 1) await ask(minsu);
      const before = await residentMegabytes();
      await app.control.addFault("company", { endpoint: "userinfo", times: 5, fault: fault as Fault });
      const startedAt = Date.now();
      let isOver = false;
      const flooded = Promise.all(Array.from({ length: 5 }, () => ask(minsu))).finally(() => {
        isOver = true;
      });
      let most = before;
      const watching = (async () => {
        for (; !isOver; await sleep(50)) most = Math.max(most, await residentMegabytes());
      })();
      expect((await whoIs(app, haneul))?.sub).toBe("haneul");
      expect((await haneul.request(`${app.url}/account`)).status).toBe(200);
      for (const { status, json } of await flooded) expect([status, json.error]).toEqual([400, "invalid_response"]);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      await watching;
      expect(Math.max(most, await residentMegabytes()) - before).toBeLessThan(100);
      expect((await ask(haneul)).json.claims.sub).toBe("haneul");
    },
  );
});

describe("hostile claims", () => {
  const script = '<script>alert(1)</script><img src=x onerror="alert(2)">';
  // Written out: an object literal cannot hold an own member of the first name.
  const hostile = `{"sub":"minsu","__proto__":{"sub":"haneul","roles":["admin"]},"constructor":{"prototype":{"x":1}},
    "prototype":1,"toString":1,"then":1,"toJSON":"x","name":${JSON.stringify(script)},"username":"a\\u0000b",
    "nickname":"\\ud800","picture":"javascript:alert(3)","email":["haneul@company.example"],"created_at":"soon",
    "custom_data":{"__proto__":{"theme":"evil"},"html":${JSON.stringify(script)},"k\\u0000":["\\udfff"]},
    "https://x.example/\\u202e":"<b>","":"","deep":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;

  it("reach nobody: names that reach prototypes are gone, and the rest is plain JSON", async () => {
    const { status, json: answer, body, headers } = await askWith(json(hostile));
    expect([status, headers.get("content-type"), headers.get("x-content-type-options")]).toEqual([
      200,
      "application/json",
      "nosniff",
    ]);
    expect(body).not.toMatch(/__proto__|constructor|prototype|evil|\\ud|\\u0000/);
    expect(answer).toMatchObject({ sub: "minsu", provider: "company" });
    expect(answer.claims).toMatchObject({
      sub: "minsu",
      name: script,
      nickname: "\ufffd",
      custom_data: { html: script },
    });
    for (const dropped of ["email", "created_at", "roles"]) expect(answer.claims).not.toHaveProperty(dropped);
  });

  it("keep nobody from signing in, and run in no page", async () => {
    await app.control.addFault("company", { endpoint: "userinfo", fault: json(hostile) });
    const inIdToken = JSON.parse(hostile.replace(/,"deep".*$/, "}"));
    delete inIdToken.sub;
    await app.control.addFault("company", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: inIdToken },
    });
    const browser = new HttpBrowser();
    expect((await signIn(app, browser, { user: "minsu" })).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    const page = await browser.request(`${app.url}/account`);
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/<script>alert|<img src=x|(?:src|href)="javascript:/);
    expect(page.body).toContain("&lt;script&gt;alert(1)");
    const known = JSON.parse((await browser.fetch(`${app.url}/api/me`)).body);
    expect(JSON.stringify(known.claims)).not.toMatch(/"(?:__proto__|constructor|prototype)"/);
  });

  it("nested without end are a poor answer, and no fault of ours", async () => {
    for (const body of [
      `${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}`,
      "[".repeat(400_000),
      '{"sub":"minsu"'.repeat(30_000),
    ]) {
      const { status, json: answer } = await askWith(json(body));
      expect([status, isErrorCode(answer.error)]).toEqual([400, true]);
    }
  });
});
