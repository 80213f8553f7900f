import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDatabase } from "../../../dev/postgres/postgres";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { migrate } from "../../../prisma/migrate";
import { expectLogged } from "../../support/expectations";
import { extendedOptions } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { findPgBouncer, keepsPreparedStatements, type Pooler, startPgBouncer } from "../../support/pgbouncer";
import { openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";
import { expectWholeGrants, probe, refreshes, shopping, withExpiredTokens } from "../../support/token-app";

const program = findPgBouncer();
const ways: [string, string[]][] = [["as it comes", []]];
if (program && keepsPreparedStatements(program)) {
  ways.push(
    ["without prepared statements", ["max_prepared_statements = 0"]],
    ["with prepared statements", ["max_prepared_statements = 200"]],
  );
}

describe.runIf(program).each(ways)("behind PgBouncer in transaction mode, %s", (_way, settings) => {
  let app: TestApp;
  let sibling: RunningApp;
  let pooler: Pooler;
  beforeAll(async () => {
    app = await openTestApp({
      ...(await extendedOptions()),
      prepareDatabase: async (directUrl) => {
        pooler = await startPgBouncer(directUrl, settings);
        return pooler.url;
      },
    });
    sibling = await app.startSibling();
  }, 600_000);
  afterEach(() => app && expectWholeGrants(app));
  afterAll(async () => {
    await app?.close();
    await pooler?.close();
  });

  /** Runs a command as a terminal would. */
  async function command(name: string, env: Record<string, string> = {}): Promise<string> {
    const { PATH, HOME } = process.env;
    const { stdout } = await promisify(execFile)("npm", ["run", "--silent", name], {
      cwd: root,
      env: { PATH, HOME, ...app.environment, ...env, NODE_ENV: "production" },
    });
    return stdout;
  }

  async function readiness(base: string): Promise<number> {
    return (await new HttpBrowser().fetch(`${base}/readyz`)).status;
  }

  it("FF-61: a user signs in on one instance, is known on the other, and signs out on both", async () => {
    expect(await readiness(app.url)).toBe(200);
    const browser = await signedIn(app, { user: "minsu" });
    const elsewhere = browser.clone(() => sibling.url);
    expect((await elsewhere.request(`${app.url}/account`)).status).toBe(200);
    const page = await browser.request(`${app.url}/sign-out`);
    const csrfToken = /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
    const form = { csrfToken, scope: "device" };
    expect((await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
    expect(await whoIs(app, elsewhere)).toBeNull();
  });

  it("FF-61: 200 who ask two instances for a token that has run out get one, by one refresh", async () => {
    const browser = await withExpiredTokens(app, "haneul", [{ resource: shopping }]);
    const bases = Array.from({ length: 100 }, () => [app.url, sibling.url]).flat();
    const answers = await Promise.all(bases.map((base) => probe(base, browser, { resource: shopping })));
    expect(new Set(answers.map(({ status, error }) => `${status} ${error}`))).toEqual(new Set(["200 null"]));
    expect(new Set(answers.map(({ tokens }) => tokens[0]?.sha256)).size).toBe(1);
    expect(await refreshes(app)).toHaveLength(1);
  });

  it("FF-61: an administrator sweeps and changes the vault's keys, through it or past it by DIRECT_URL", async () => {
    await signedIn(app, { user: "jiwoo" });
    await app.rows(`INSERT INTO "SpentState" ("stateHash", "expiresAt") VALUES ('old', now() - interval '1 minute')`);
    expect(await command("sweep")).toContain("SpentState 1");
    const former = app.environment.VAULT_KEYS ?? "";
    const newer = `k9:${randomBytes(32).toString("base64")}`;
    const resealed = /Re-sealed: [1-9]\d*\. Not re-sealed: 0 /;
    expect(await command("vault:rotate", { VAULT_KEYS: `${newer},${former}` })).toMatch(resealed);
    const direct = { DIRECT_URL: app.database.url, DATABASE_URL: "postgresql://u:p@127.0.0.1:1/nowhere" };
    expect(await command("vault:rotate", { ...direct, VAULT_KEYS: `${former},${newer}` })).toMatch(resealed);
  });

  it("FF-61: what users do is sealed through it by either instance, and an administrator finds the audit trail whole", async () => {
    await signedIn(app, { user: "haneul" });
    const unsealed = `SELECT id FROM "AuditEvent" e WHERE NOT EXISTS (SELECT 1 FROM "AuditSeal" s WHERE e.id = ANY (s.ids))`;
    await expect.poll(() => app.rows(unsealed)).toEqual([]);
    expect(await command("audit:verify")).toContain("0 not sealed yet");
  });

  it("FF-62: migrations that run at once through it each happen once, and leave no lock behind", async () => {
    const name = `pooled_${randomBytes(6).toString("hex")}`;
    const direct = await createDatabase(app.database.url, name);
    const pooled = new URL(pooler.url);
    pooled.pathname = `/${name}`;
    const applied = await Promise.all([1, 2, 3].map(() => migrate(pooled.href)));
    expect(new Set(applied.flat()).size).toBe(applied.flat().length);
    expect(await migrate(pooled.href)).toEqual([]);
    const client = new pg.Client({ connectionString: direct });
    await client.connect();
    const { rows } = await client.query(
      "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database()",
    );
    await client.end();
    expect(rows).toEqual([]);
  });

  it("FF-61: while it is away users are told so, the log says why once, and they go on when it is back", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    await pooler.stop();
    try {
      const refused = await browser.fetch(`${app.url}/api/me`);
      expect([refused.status, JSON.parse(refused.body).error]).toEqual([503, "database_unavailable"]);
      for (let asked = 0; asked < 3; asked += 1) expect(await readiness(app.url)).toBe(503);
      await expectLogged(app.instance, /"event":"database.unavailable".*"reason":"DatabaseNotReachable 127.0.0.1 \d+"/);
      expect(app.instance.output().match(/"event":"database.unavailable"/g)).toHaveLength(1);
    } finally {
      await pooler.start();
    }
    await expect.poll(() => readiness(app.url)).toBe(200);
    await expect.poll(() => whoIs(app, browser)).toMatchObject({ sub: "eunji" });
  });

  it("FF-61: an instance that it refuses is not ready, and the log says in whose words, without the password", async () => {
    const wrong = new URL(pooler.url);
    wrong.password = "canary";
    const port = Number(new URL(sibling.url).port);
    await sibling.stop();
    const env = { ...app.environment, DATABASE_URL: wrong.href, PORT: String(port) };
    const instance = await startApp({ env, port });
    try {
      expect(await readiness(instance.url)).toBe(503);
      await expectLogged(instance, /"event":"database.unavailable".*"reason":"[^"]*(?:SASL|auth|password)[^"]*"/);
      expect(instance.output()).not.toContain("canary");
    } finally {
      await instance.stop();
    }
  });
});
