import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { extendedOptions } from "../../support/extension/extended-app";
import type { HttpBrowser } from "../../support/http-browser";
import { type NextHop, openNextHop } from "../../support/next-hop";
import { own } from "../../support/proxied";
import { openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let folder: string;
let hop: NextHop;
let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  hop = await openNextHop();
  const options = await extendedOptions();
  folder = options.directory ?? "";
  app = await openTestApp({ ...options, env: { ...hop.env, TEST_HOP_INCLUDE: "1" } });
  sibling = await app.startSibling();
  hop.trust({ ledger: app.issuers.company ?? "", statements: app.url });
}, 240_000);
afterEach(() => hop.reset());
afterAll(async () => {
  await app?.close();
  await hop?.close();
});

const entries = (browser: HttpBrowser, base = app.url, headers = {}) =>
  browser.fetch(`${base}/api/services/statements/entries`, { headers: { ...own, ...headers } });

async function desk(browser: HttpBrowser, base = app.url) {
  return JSON.parse((await browser.fetch(`${base}/desk/call?service=statements&path=/entries`)).body);
}

const keySet = (base = app.url, init: RequestInit = {}) => fetch(`${base}/.well-known/jwks.json`, init);

const kidsOf = async (base = app.url): Promise<string[]> =>
  ((await (await keySet(base)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

/** Runs the command, with the configuration of the app under test unless the repository's own is meant. */
async function rotate(words: string[] = [], isOwn = false): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  const env = {
    ...{ PATH, HOME, ...app.environment, NODE_ENV: "production" as const },
    ...(!isOwn && { TSX_TSCONFIG_PATH: join(folder, "tsconfig.json") }),
  };
  const command = ["--import", "tsx", "--conditions=react-server", "cli/signing-rotate.ts", ...words];
  try {
    const { stdout } = await promisify(execFile)("node", command, { cwd: root, env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

describe("the keys that this app signs with", () => {
  it("two instances that are asked for the first time at once make and publish one", async () => {
    await app.rows(`TRUNCATE "SigningKey"`);
    const sets = await Promise.all(Array.from({ length: 20 }, () => [kidsOf(app.url), kidsOf(sibling.url)]).flat());
    expect(new Set(sets.flat()).size).toBe(1);
    expect(await app.rows(`SELECT algorithm FROM "SigningKey"`)).toEqual([{ algorithm: "ES256" }]);
  });

  it("the key set is public, cacheable, and says nothing that is private", async () => {
    const answer = await keySet();
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([
      200,
      "application/jwk-set+json",
      "public, max-age=300",
    ]);
    expect(answer.headers.get("set-cookie")).toBeNull();
    const { keys } = (await answer.json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "crv", "kid", "kty", "use", "x", "y"]]);
    expect((await keySet(app.url, { method: "HEAD" })).status).toBe(200);
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
      expect([method, (await keySet(app.url, { method })).status]).toEqual([method, 405]);
    const [row] = await app.rows<{ sealed: string }>(`SELECT "sealedPrivateKey" AS sealed FROM "SigningKey"`);
    expect(row?.sealed).toMatch(/^v2\./);
  });
});

describe("a service that takes assertions of this app", () => {
  it("is told by the proxy and by callService who calls for whom, each time with another that works once", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    expect((await entries(browser)).status).toBe(200);
    expect(await desk(browser, sibling.url)).toMatchObject({ status: 200 });
    const [first, second] = hop.calls("statements");
    const { iat = 0, exp = 0, ...claims } = first?.claims ?? {};
    expect(claims).toMatchObject({
      iss: app.url,
      sub: "haneul",
      subject_issuer: app.issuers.company,
      aud: "https://statements.example",
      client_id: app.url,
      act: { sub: app.url },
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(exp - iat).toBe(60);
    expect(first?.header).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    expect(second?.claims.jti).not.toBe(first?.claims.jti);
    // Replayed, it is refused: that is the service's part.
    const again = await fetch(`${hop.env.SERVICE_STATEMENTS_URL}/entries`, {
      headers: { authorization: `Bearer ${first?.token}` },
    });
    expect(again.status).toBe(401);
  });

  it("is told the organization only where the user belongs to it, and nothing of what a browser says of itself", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const me = await whoIs(app, browser);
    expect(me?.sub).toBe("haneul");
    expect((await entries(browser, app.url, { "X-Organization": "org_maru" })).status).toBe(200);
    expect(hop.calls("statements").at(-1)?.claims).toMatchObject({ organization_id: "org_maru" });
    const foreign = await entries(browser, app.url, { "X-Organization": "org_dari" });
    expect([foreign.status, JSON.parse(foreign.body).error]).toEqual([403, "forbidden"]);
    const forged = await entries(browser, app.url, { Authorization: "Bearer forged", "X-Forwarded-User": "evil" });
    expect(forged.status).toBe(200);
    expect(hop.calls("statements").at(-1)?.claims.sub).toBe("haneul");
    expect(hop.calls("statements").at(-1)?.headers["x-forwarded-user"]).toBeUndefined();
  });

  it("refuses everybody: the call is made once, the answer is the service's, and the session goes on", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    hop.trust({ ledger: app.issuers.company ?? "", statements: "https://somebody-else.example" });
    expect((await entries(browser)).status).toBe(401);
    expect(hop.calls("statements")).toHaveLength(1);
    hop.trust({ ledger: app.issuers.company ?? "", statements: app.url });
    expect((await whoIs(app, browser))?.sub).toBe("haneul");
  });

  it("is not called for a session that has ended", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'revoked'`);
    expect((await entries(browser)).status).toBe(401);
    expect(hop.calls("statements")).toEqual([]);
  });

  it("two hundred calls at once on two instances need no provider, and each works", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    await app.control.clearJournal("company");
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => [desk(browser), desk(browser, sibling.url)]).flat(),
    );
    expect(new Set(answers.map(({ status, code }) => status ?? code))).toEqual(new Set([200]));
    expect(new Set(hop.calls("statements").map(({ claims }) => claims.jti)).size).toBe(200);
    expect(await app.control.journal("company", { endpoint: "token" })).toEqual([]);
  }, 60_000);
});

describe("the rotation of the keys", () => {
  const kidOfCall = async (browser: HttpBrowser, base: string) => {
    hop.reset();
    expect((await entries(browser, base)).status).toBe(200);
    return hop.calls("statements").at(-1)?.header.kid;
  };

  it("publishes the next before it signs and the former after it, on every instance, and no call fails", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const [former] = await kidsOf();
    const rotated = await rotate();
    expect(rotated).toMatchObject({ code: 0, said: expect.stringContaining("is published and signs in 60 minutes") });
    const next = /[0-9a-f-]{36}/.exec(rotated.said)?.[0];
    // One at a time.
    expect(await rotate()).toMatchObject({ code: 1, said: expect.stringContaining("nothing was done") });
    await expect.poll(() => kidsOf(), { timeout: 20_000 }).toEqual([next, former]);
    await expect.poll(() => kidsOf(sibling.url), { timeout: 20_000 }).toEqual([next, former]);
    expect(await kidOfCall(browser, app.url)).toBe(former);
    // An hour later, by the database's clock.
    await app.rows(
      `UPDATE "SigningKey" SET "signsFrom" = "signsFrom" - interval '1 hour', "expiresAt" = "expiresAt" - interval '1 hour'`,
    );
    for (const base of [app.url, sibling.url])
      await expect.poll(() => kidOfCall(browser, base), { timeout: 20_000, interval: 500 }).toBe(next);
    expect(await kidsOf()).toEqual([next, former]);
    // All that the former signed has ended.
    await app.rows(`UPDATE "SigningKey" SET "expiresAt" = now() - interval '1 second' WHERE "expiresAt" IS NOT NULL`);
    await expect.poll(() => kidsOf(), { timeout: 20_000 }).toEqual([next]);
    expect(await kidOfCall(browser, sibling.url)).toBe(next);
  }, 90_000);

  it("a key whose seal does not open signs nothing, which is one code and a row in the trail", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await app.rows(`UPDATE "SigningKey" SET "sealedPrivateKey" = overlay("sealedPrivateKey" placing 'AAAA' from 40)`);
    await expect
      .poll(async () => JSON.parse((await entries(browser)).body).error, { timeout: 20_000, interval: 500 })
      .toBe("internal_error");
    expect(
      await app.rows(`SELECT DISTINCT detail->>'table' AS table FROM "AuditEvent" WHERE event = 'security.ciphertext'`),
    ).toEqual([{ table: "SigningKey" }]);
    expect((await whoIs(app, browser))?.sub).toBe("haneul");
    await app.rows(`TRUNCATE "SigningKey"`);
    await expect.poll(async () => (await entries(browser)).status, { timeout: 20_000, interval: 500 }).toBe(200);
  }, 60_000);

  it("has nothing to do where no service needs such a key, and says so", async () => {
    // The repository's own configuration has none.
    expect(await rotate([], true)).toMatchObject({
      code: 1,
      said: expect.stringContaining("No service that is set up"),
    });
    expect(await rotate(["HS256"])).toMatchObject({ code: 1, said: expect.stringContaining("Usage") });
  });

  it("a key that somebody else may have is withdrawn at once, and what it signed is taken by nobody", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await entries(browser);
    const stolen = await kidsOf();
    const rotated = await rotate(["--at-once"]);
    expect(rotated).toMatchObject({ code: 0, said: expect.stringContaining("signs from now on") });
    const next = /[0-9a-f-]{36}/.exec(rotated.said)?.[0];
    for (const base of [app.url, sibling.url])
      await expect.poll(() => kidsOf(base), { timeout: 20_000 }).toEqual([next]);
    expect(stolen).not.toContain(next);
    expect(await kidOfCall(browser, sibling.url)).toBe(next);
  }, 60_000);
});
