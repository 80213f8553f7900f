import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../../dev/run/build";
import { HttpBrowser } from "../../support/http-browser";
import { type StrictProvider, startStrictProvider } from "../../support/strict-provider";
import { shareTestApp, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const former = "https://former.example";

let app: TestApp;
let provider: StrictProvider;
let instance: Awaited<ReturnType<TestApp["startSibling"]>>;
let env: Record<string, string>;
beforeAll(async () => {
  app = await shareTestApp();
  provider = await startStrictProvider();
  const own = {
    AUTH_PROVIDERS: "moved",
    AUTH_MOVED_ID: "app-1",
    AUTH_MOVED_ISSUER: provider.issuer,
    AUTH_MOVED_CLIENT_AUTH: "none",
  };
  env = { ...app.environment, ...own };
  instance = await app.startSibling({ ...own, AUTH_MOVED_FORMER_ISSUER: former });
}, 300_000);
beforeEach(() => app.rows(`TRUNCATE "User", "AuditEvent" CASCADE`));
afterAll(async () => {
  await provider?.stop();
  await app?.close();
});

/** Runs the command, whatever its exit code. */
async function move(...args: string[]): Promise<{ code: number; said: string }> {
  const options = {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, NODE_ENV: "production" as const },
  };
  try {
    const run = promisify(execFile)("npm", ["run", "--silent", "provider:move", "--", ...args], options);
    return { code: 0, said: (await run).stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

/** Users with an account of the former issuer each. */
async function addUsers(count: number): Promise<void> {
  await app.rows(
    `WITH added AS (
       INSERT INTO "User" (id, name, "updatedAt") SELECT gen_random_uuid(), 'user-' || n, now() FROM generate_series(1, $1) n
       RETURNING id, name)
     INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", issuer)
       SELECT gen_random_uuid(), id, 'oidc', 'moved', name, $2 FROM added`,
    [count, former],
  );
}

const issuers = () =>
  app.rows<{ issuer: string; count: number }>(
    `SELECT issuer, count(*)::int FROM "Account" GROUP BY issuer ORDER BY issuer = '${former}'`,
  );
const audited = async () => {
  const [row] = await app.rows<{ count: number; users: number }>(
    `SELECT count(*)::int, count(DISTINCT "userId")::int AS users FROM "AuditEvent" WHERE event = 'provider.moved'`,
  );
  return row;
};

describe("npm run provider:move", () => {
  it("FF-47: moves every account with an audit row each, has none to move the second time, and leaves others alone", async () => {
    await addUsers(3);
    await app.rows(`UPDATE "Account" SET issuer = 'https://other.example' WHERE "providerAccountId" = 'user-3'`);
    expect(await move("moved", former)).toEqual({
      code: 0,
      said: expect.stringContaining(`Moved: 2 accounts of moved, from ${former} to ${provider.issuer}.`),
    });
    expect(await move("moved", former)).toMatchObject({ code: 0, said: expect.stringContaining("Moved: 0 accounts") });
    expect(await audited()).toEqual({ count: 2, users: 2 });
    expect((await issuers()).map(({ count }) => count).toSorted()).toEqual([1, 2]);
  });

  it("FF-47: interrupted in the middle, it has moved whole steps, and the next run moves what is left, once each", async () => {
    await addUsers(120);
    // At one of the last accounts, in the third step, the database ends the command's connection.
    const blocked = await app.rows<{ id: string }>(`SELECT id FROM "Account" ORDER BY id OFFSET 110 LIMIT 1`);
    await app.rows(`CREATE FUNCTION stop_move() RETURNS trigger AS $$ BEGIN
      IF NEW.id = '${blocked[0]?.id}' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$ LANGUAGE plpgsql`);
    await app.rows(`CREATE TRIGGER stop_move BEFORE UPDATE ON "Account" FOR EACH ROW EXECUTE FUNCTION stop_move()`);
    try {
      expect((await move("moved", former)).code).toBe(1);
    } finally {
      await app.rows(`DROP FUNCTION stop_move CASCADE`);
    }
    expect(await issuers()).toEqual([
      { issuer: provider.issuer, count: 100 },
      { issuer: former, count: 20 },
    ]);
    expect(await audited()).toEqual({ count: 100, users: 100 });
    expect((await move("moved", former)).said).toContain("Moved: 20 accounts");
    expect(await issuers()).toEqual([{ issuer: provider.issuer, count: 120 }]);
    expect(await audited()).toEqual({ count: 120, users: 120 });
  });

  it("says how it is called where something is missing, and moves nothing", async () => {
    await addUsers(1);
    for (const args of [[], ["moved"], ["unknown", former]]) {
      expect(await move(...args)).toMatchObject({
        code: 1,
        said: expect.stringContaining("Usage: npm run provider:move"),
      });
    }
    expect(await issuers()).toEqual([{ issuer: former, count: 1 }]);
  });
});

it("FF-47: a user who is moved by two first sign-ins at once is one user with two sessions, moved once", async () => {
  await addUsers(1);
  const [{ id } = { id: "" }] = await app.rows<{ id: string }>(`SELECT "userId" AS id FROM "Account"`);
  const sub = "user-1";
  const browsers = Array.from(
    { length: 2 },
    () => new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null)),
  );
  // Each has a nonce of its own, which the provider's next token names: the exchanges come one after the other, the writing at once.
  const returned = [];
  for (const browser of browsers) {
    const started = await startSignIn(app, browser, { provider: "moved" });
    returned.push({ browser, location: started.location ?? "" });
  }
  provider.nonces = new Map(
    returned.map(({ location }, index) => [`c-${index}`, new URL(location).searchParams.get("nonce") ?? ""]),
  );
  const pages = await Promise.all(
    returned.map(({ browser, location }, index) => {
      const answer = provider.authorize(location);
      answer.set("code", `c-${index}`);
      return browser.request(`${app.url}/api/auth/callback/moved?${answer}`);
    }),
  );
  provider.nonces = new Map();
  expect(pages.map(({ status }) => status)).toEqual([303, 303]);
  for (const browser of browsers) expect(await whoIs(app, browser)).toMatchObject({ sub, user: { id } });
  expect(await audited()).toEqual({ count: 1, users: 1 });
  expect(await issuers()).toEqual([{ issuer: provider.issuer, count: 1 }]);
});
