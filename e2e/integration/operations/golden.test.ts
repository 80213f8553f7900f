import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../../dev/postgres/test-database";
import { cookieName, cookieSite } from "../../../edge/cookie-names";
import { createSealer } from "../../../edge/sealing";
import { migrate } from "../../../prisma/migrate";
import { type Ask, verifyAudit } from "../../../server/audit/verify";
import { goldenVersions, issuerMark, readGolden, withMigrationsOf } from "../../golden/golden";
import { sessionCookie } from "../../support/cookies";
import { extendedOptions } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, openTestApp, type TestApp, whoIs } from "../../support/test-app";
import { probe, shopping } from "../../support/token-app";

describe.each(goldenVersions())("what version %s left behind", (version) => {
  const golden = readGolden(version);
  const writtenAt = new Date(golden.writtenAt);
  // Sessions and tokens end. What was written then is moved to now, and changed in nothing else.
  const laterMs = Math.floor((Date.now() - writtenAt.getTime()) / 1000) * 1000;
  const later = (seconds: unknown) => Number(seconds) + laterMs / 1000;
  let app: TestApp;

  beforeAll(async () => {
    app = await openTestApp({
      ...(await extendedOptions()),
      env: { AUTH_SECRET: golden.authSecret, VAULT_KEYS: golden.vaultKeys },
      prepareDatabase: async (url, issuer) => {
        await restore(url, issuer);
        return url;
      },
    });
  }, 600_000);
  afterAll(() => app?.close());

  async function restore(url: string, issuer: string, move = laterMs): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      await withMigrationsOf(version, (folder) => migrate(url, folder));
      const rows = golden.rows
        .replaceAll(issuerMark, issuer)
        .replace(/"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d"/g, (time) =>
          move === 0 ? time : JSON.stringify(new Date(Date.parse(JSON.parse(time)) + move)),
        );
      // Rows that name each other come in any order.
      await client.query(`SET session_replication_role = replica; ${rows}`);
      await client.query(`SELECT setval(pg_get_serial_sequence('"AuditEvent"', 'id'), 1000)`);
    } finally {
      await client.end();
    }
    await migrate(url);
  }

  it("CC-08: the audit trail of then fits its chain, which still has the hash that was written down", async () => {
    const url = await createTestDatabase(inject("servers").postgresUrl);
    // Seals are over the times and the issuer of then.
    await restore(url, golden.issuer ?? issuerMark, 0);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const ask: Ask = async (sql, values = []) => (await client.query(sql, values)).rows;
    const { faults, sealed, before } = await verifyAudit(ask, golden.auditHead ? [golden.auditHead] : []);
    const [rows] = await ask<{ count: number }>(`SELECT count(*)::int AS count FROM "AuditEvent"`);
    await client.end();
    expect(faults).toEqual([]);
    // Before there was a chain its rows are in none.
    expect(golden.auditHead ? sealed : before).toBe(rows?.count);
  });

  async function signedInThen(): Promise<HttpBrowser> {
    const sealer = createSealer([golden.authSecret], "session");
    const claims = await sealer.open(golden.sessionCookie, writtenAt);
    expect(claims).toMatchObject({ prv: "company" });
    const { exp, aut, iss_at, idl, ...rest } = claims ?? {};
    const moved = { ...rest, aut: later(aut), iss_at: later(iss_at), idl: later(idl) };
    const browser = new HttpBrowser();
    browser.setCookie(app.url, sessionCookie(app.url), await sealer.seal(moved, later(exp)));
    return browser;
  }

  it("CC-08: a user who signed in then is still signed in, and the page knows them", async () => {
    const browser = await signedInThen();
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
    expect(await whoIs(app, browser)).toMatchObject({ sub: golden.user });
  });

  it("CC-08: a token that was sealed then is opened and used", async () => {
    const answered = await probe(app.url, await signedInThen(), { resource: shopping });
    expect(answered).toMatchObject({ status: 200, tokens: [{ sha256: golden.tokenHash }] });
  });

  it("CC-08: a user who left for the provider then comes back signed in, to the page they wanted", async () => {
    const sealer = createSealer([golden.authSecret], "transaction");
    const transaction = await sealer.open(golden.transactionCookie, writtenAt);
    const { exp, startedAt, ...rest } = transaction ?? {};
    const name = `${cookieName(cookieSite(app.url), "tx")}.${String(rest.stateHash).slice(0, 16)}`;
    const browser = new HttpBrowser();
    browser.setCookie(app.url, name, await sealer.seal({ ...rest, startedAt: later(startedAt) }, later(exp)));
    const asked = new URLSearchParams(golden.authorization);
    asked.set("redirect_uri", `${app.url}/api/auth/callback/company`);
    const discovered = await fetch(`${app.issuers.company}/.well-known/openid-configuration`);
    const { authorization_endpoint: endpoint } = (await discovered.json()) as { authorization_endpoint: string };
    const sentOff = await browser.request(`${endpoint}?${asked}`);
    const back = await meetProvider(
      app,
      browser,
      { ...sentOff, status: 302, location: `${endpoint}?${asked}` },
      "jiwoo",
    );
    const signedIn = await browser.request(back.location ?? "");
    expect([signedIn.status, signedIn.location]).toEqual([303, `${app.url}/account?tab=golden`]);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "jiwoo" });
  });

  it("CC-08: the audit trail goes on after the rows of then, and a session of then ends by signing out", async () => {
    const browser = await signedInThen();
    const page = await browser.request(`${app.url}/sign-out`);
    const csrfToken = /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
    const form = { csrfToken, scope: "device" };
    expect((await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
    const events = await app.rows<{ event: string; sessionHash: string }>(
      `SELECT event, "sessionHash" FROM "AuditEvent" WHERE event IN ('sign_in.succeeded', 'sign_out') ORDER BY id`,
    );
    const ofThen = events.filter(({ sessionHash }) => sessionHash === events[0]?.sessionHash).map(({ event }) => event);
    expect(ofThen).toEqual(["sign_in.succeeded", "sign_out"]);
    expect(await whoIs(app, browser.clone())).toBeNull();
  });
});
