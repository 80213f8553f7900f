import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser } from "../../support/http-browser";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";
import {
  clearSpoils,
  expireTokens,
  grantOf,
  openTokenApp,
  probe,
  refreshes,
  shopping,
  spoilRefresh,
  store,
  withExpiredTokens,
} from "../../support/token-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app, sibling } = await openTokenApp());
}, 240_000);
afterEach(() => clearSpoils(app));
afterAll(() => app?.close());

/** Every value of every column of every table, as text. */
async function dump(): Promise<string[]> {
  const columns = await app.rows<{ table: string; column: string }>(
    `SELECT table_name "table", column_name "column" FROM information_schema.columns
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(columns.length).toBeGreaterThan(60);
  const values = await Promise.all(
    columns.map(({ table, column }) =>
      app.rows<{ value: string }>(`SELECT "${column}"::text AS value FROM "${table}" WHERE "${column}" IS NOT NULL`),
    ),
  );
  return values.flat().map(({ value }) => value);
}

/** The access token of a person, as its row holds it. */
async function tokenRow(user: string) {
  const { id: grantId } = await grantOf(app, user);
  const [row] = await app.rows<{ id: string; sealedToken: string }>(
    `SELECT id, "sealedToken" FROM "AccessToken" WHERE "grantId" = $1 AND resource = ''`,
    [grantId],
  );
  return row ?? { id: "", sealedToken: "" };
}

const putToken = (id: string, sealed: string) =>
  app.rows(`UPDATE "AccessToken" SET "sealedToken" = $2 WHERE id = $1`, [id, sealed]);
const putRefreshToken = (id: string, sealed: string | null) =>
  app.rows(`UPDATE "Grant" SET "sealedRefreshToken" = $2 WHERE id = $1`, [id, sealed]);

const refused = { status: 401, error: "reauthentication_required", tokens: [] };

/** Nobody gets anything for it, the provider hears nothing of it, and it is written down. */
async function expectBroken(browsers: HttpBrowser[], column: string): Promise<void> {
  await app.control.clearJournal("company");
  for (const browser of browsers) {
    for (const base of [app.url, sibling.url]) {
      const [before] = await app.rows<{ count: number }>(`SELECT count(*)::int FROM "AuditEvent"`);
      expect(await probe(base, browser)).toMatchObject(refused);
      expect(await lastAudit(app, "security.ciphertext")).toMatchObject({
        outcome: "failure",
        reason: "reauthentication_required",
        detail: { column },
      });
      const [after] = await app.rows<{ count: number }>(`SELECT count(*)::int FROM "AuditEvent"`);
      expect(after?.count).toBeGreaterThan(before?.count ?? 0);
    }
    expect(await whoIs(app, browser)).not.toBeNull();
  }
  expect(await refreshes(app)).toEqual([]);
}

describe("PL-05: sealed tokens", () => {
  it("of two people that changed places open for neither", async () => {
    const users = ["minsu", "haneul"];
    const browsers = await Promise.all(users.map((user) => signedIn(app, { user })));
    const [first, second] = await Promise.all(users.map(tokenRow));
    await putToken(first?.id ?? "", second?.sealedToken ?? "");
    await putToken(second?.id ?? "", first?.sealedToken ?? "");
    await expectBroken(browsers, "token");
  });

  it("of two people's refreshes that changed places are sent nowhere", async () => {
    const users = ["minsu", "haneul"];
    const browsers = await Promise.all(users.map((user) => signedIn(app, { user })));
    await expireTokens(app);
    const [first, second] = await Promise.all(users.map((user) => grantOf(app, user)));
    await putRefreshToken(first?.id ?? "", second?.sealedRefreshToken ?? null);
    await putRefreshToken(second?.id ?? "", first?.sealedRefreshToken ?? null);
    await expectBroken(browsers, "refreshToken");
  });

  it("do not open with a bit flipped, cut short, under another key's name, or in another column", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const { id, sealedToken } = await tokenRow("jiwoo");
    const grant = await grantOf(app, "jiwoo");
    const [version, key, nonce, body = ""] = sealedToken.split(".");
    const flipped = Buffer.from(body, "base64url");
    flipped[3] = (flipped[3] ?? 0) ^ 1;
    for (const broken of [
      [version, key, nonce, flipped.toString("base64url")].join("."),
      [version, key, nonce, body.slice(0, 8)].join("."),
      [version, key, "AAAAAAAAAAAAAAAA", body].join("."),
      [version, key, "AA", body].join("."),
      ["v0", key, nonce, body].join("."),
      [version, key, nonce].join("."),
      `${sealedToken}.x`,
      grant.sealedRefreshToken ?? "",
      "",
    ]) {
      await putToken(id, broken);
      await expectBroken([browser], "token");
    }
    await putToken(id, sealedToken);
    expect((await probe(app.url, browser)).status).toBe(200);
  });

  it.each(["session", "user"])("FF-23: of a grant that was moved to another %s open for nobody", async (whose) => {
    const browsers = await Promise.all(["minsu", "haneul"].map((user) => signedIn(app, { user })));
    const [mine, theirs] = await Promise.all(["minsu", "haneul"].map((user) => grantOf(app, user)));
    const owners = [theirs?.id, mine?.id];
    if (whose === "user")
      await app.rows(`UPDATE "Grant" g SET "userId" = o."userId" FROM "Grant" o WHERE g.id = $1 AND o.id = $2`, owners);
    else {
      await app.rows(`UPDATE "Grant" SET "sessionId" = NULL WHERE id = $1`, [mine?.id]);
      await app.rows(
        `UPDATE "Grant" SET "sessionId" = (SELECT id FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" DESC LIMIT 1)
         WHERE id = $1`,
        [theirs?.id],
      );
    }
    await expectBroken([browsers[whose === "user" ? 1 : 0] as HttpBrowser], "token");
    await app.rows(`DELETE FROM "AccessToken" WHERE "grantId" = $1`, [theirs?.id]);
    await expectBroken([browsers[whose === "user" ? 1 : 0] as HttpBrowser], "refreshToken");
  });

  it("of a key that is gone ask for a new sign-in, and stay for when the key comes back", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const { id, sealedToken } = await tokenRow("jiwoo");
    const [version, , nonce, body] = sealedToken.split(".");
    const foreign = [version, "gone", nonce, body].join(".");
    await putToken(id, foreign);
    expect(await probe(app.url, browser)).toMatchObject(refused);
    expect((await tokenRow("jiwoo")).sealedToken).toBe(foreign);
    await putToken(id, sealedToken);
    expect((await probe(app.url, browser)).status).toBe(200);
  });

  it("of an earlier life of the row do not open in it", async () => {
    const browser = await withExpiredTokens(app, "eunji");
    const old = await tokenRow("eunji");
    expect((await probe(app.url, browser)).status).toBe(200);
    const current = await tokenRow("eunji");
    await putToken(current.id, old.sealedToken);
    await expectBroken([browser], "token");
  });

  it("of a refresh token that was used and put back end in a new sign-in, for that session alone", async () => {
    const elsewhere = await signedIn(app, { user: "eunji" });
    const browser = await withExpiredTokens(app, "eunji");
    const old = await grantOf(app, "eunji");
    expect((await probe(app.url, browser)).status).toBe(200);
    await putRefreshToken(old.id, old.sealedRefreshToken);
    await expireTokens(app);
    expect(await probe(app.url, browser)).toMatchObject(refused);
    expect((await grantOf(app, "eunji")).endReason).toBe("invalid_grant");
    expect((await probe(app.url, elsewhere)).status).toBe(200);
  });

  it("of one and the same token differ, and no nonce comes twice", async () => {
    const browsers = await Promise.all(["minsu", "haneul", "jiwoo"].map((user) => signedIn(app, { user })));
    const seen: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await expireTokens(app);
      await spoilRefresh(app, { kind: "json", set: { access_token: "the-same-for-all", id_token: null } }, 3);
      for (const browser of browsers) expect((await probe(app.url, browser)).status).toBe(200);
      for (const user of ["minsu", "haneul", "jiwoo"]) {
        seen.push((await tokenRow(user)).sealedToken, (await grantOf(app, user)).sealedRefreshToken ?? "");
      }
    }
    expect(new Set(seen.map((sealed) => sealed.split(".")[2])).size).toBe(seen.length);
    expect(new Set(seen.map((sealed) => sealed.split(".")[3])).size).toBe(seen.length);
  });
});

describe("PL-01", () => {
  it("no token that the provider gave out lies in the database, in the log or in a cookie, whatever happened", async () => {
    await app.control.clearJournal("company");
    const browser = await signedIn(app, { user: "haneul" });
    const gone = await signedIn(app, { user: "minsu" });
    for (const target of [
      {},
      { resource: shopping },
      { resource: store, scopes: "store:read" },
      { organization: "org_maru" },
    ]) {
      expect((await probe(app.url, browser, target)).status).toBe(200);
    }
    await browser.fetch(`${app.url}/api/me?source=userinfo`);
    // Each for another token or on another process: a refusal is remembered for a while.
    for (const [base, target, fault] of [
      [app.url, { resource: shopping }, { kind: "reset" }],
      [sibling.url, { resource: shopping }, { kind: "access_token", removeClaims: ["aud"] }],
      [app.url, { resource: store }, { kind: "json", set: { token_type: "mac" } }],
      [sibling.url, { resource: store }, { kind: "access_token", setClaims: { aud: shopping } }],
      [app.url, { organization: "org_maru" }, { kind: "id_token", setClaims: { sub: "minsu" } }],
    ] as const) {
      await expireTokens(app);
      await app.rows(`UPDATE "Grant" SET "retryAt" = NULL`);
      await spoilRefresh(app, fault as unknown as Parameters<typeof spoilRefresh>[1]);
      const asked = (await refreshes(app)).length;
      expect((await probe(base, browser, target)).status).toBeGreaterThanOrEqual(400);
      expect(await refreshes(app)).toHaveLength(asked + 1);
    }
    await gone.submit(await gone.request(`${app.url}/sign-out`), 'data-scope="provider"');
    const issued = (await app.control.issued("company")).flatMap(
      ({ accessToken, refreshToken, idToken, logoutToken }) =>
        [accessToken, refreshToken, idToken, logoutToken].filter((token) => token !== null),
    );
    expect(issued.length).toBeGreaterThan(20);
    const places = [
      ...(await dump()),
      app.instance.output(),
      sibling.output(),
      ...browser.setCookies,
      ...gone.setCookies,
    ];
    const everywhere = places.join("\n");
    // A JWT is betrayed by its signature alone.
    const telling = issued.flatMap((token) => [token, token.split(".")[2] ?? token]).filter((part) => part.length > 20);
    expect(telling.filter((part) => everywhere.includes(part))).toEqual([]);
  });
});
