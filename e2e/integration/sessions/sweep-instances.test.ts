import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
const instances: RunningApp[] = [];

beforeAll(async () => {
  app = await openTestApp();
  // Who deletes what, as the database sees it: each instance says its name to it.
  await app.rows(`CREATE TABLE "DeletedBy" ("table" text, key text, instance text)`);
  await app.rows(`CREATE FUNCTION note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO "DeletedBy" VALUES (TG_TABLE_NAME, to_jsonb(OLD) ->> TG_ARGV[0], current_setting('application_name'));
    RETURN OLD; END $$`);
  for (const [table, key] of [
    ["SpentState", "stateHash"],
    ["LogoutToken", "id"],
  ])
    await app.rows(
      `CREATE TRIGGER noted BEFORE DELETE ON "${table}" FOR EACH ROW EXECUTE FUNCTION note_deletion('${key}')`,
    );
  await holdTurn();
  instances.push(...(await Promise.all(["one", "two"].map(start))));
});
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  await app?.close();
});

function start(name: string): Promise<RunningApp> {
  const address = new URL(app.environment.DATABASE_URL ?? "");
  address.searchParams.set("application_name", name);
  return app.startSibling({ DATABASE_URL: address.href, SWEEP_INTERVAL_SECONDS: "1" });
}

/** Nobody's turn for an hour. */
const holdTurn = () =>
  app.rows(`INSERT INTO "RateLimit" (key, count, "expiresAt") VALUES ('sweep', 1, now() + interval '1 hour')
    ON CONFLICT (key) DO UPDATE SET count = 1, "expiresAt" = excluded."expiresAt"`);

const letOneIn = () => app.rows(`UPDATE "RateLimit" SET "expiresAt" = now() WHERE key = 'sweep'`);

const count = async (sql: string) =>
  (await app.rows<{ count: number }>(`SELECT count(*)::int AS count ${sql}`))[0]?.count;

it("of two instances that clean up by themselves one does at a time, and all that has run out goes, nothing twice", async () => {
  await signedIn(app, { user: "minsu" });
  for (const turn of [1, 2, 3]) {
    await holdTurn();
    await app.rows(
      `INSERT INTO "SpentState" ("stateHash", "expiresAt")
       SELECT $1 || ' ' || n, now() - interval '1 minute' FROM generate_series(1, 350) n`,
      [turn],
    );
    await app.rows(
      `INSERT INTO "LogoutToken" (id, issuer, "issuedAt", "receivedAt", "expiresAt")
       SELECT $1 || ' ' || n, 'x', now(), now(), now() - interval '1 minute' FROM generate_series(1, 350) n`,
      [turn],
    );
    await app.rows(
      `INSERT INTO "Session" ("id", "sessionToken", "userId", expires, "idleExpiresAt", "idleSeconds", provider, issuer, subject, claims, "claimsSource", "authTime")
       SELECT gen_random_uuid(), $1 || ' ' || n, (SELECT id FROM "User" LIMIT 1), now() - interval '1 day', now() - interval '1 day', 5, 'company', 'x', 'x', '{}', 'id-token', now()
       FROM generate_series(1, 150) n`,
      [turn],
    );
    await letOneIn();
    await expect.poll(() => count(`FROM "DeletedBy" WHERE key LIKE $$${turn} %$$`)).toBe(700);
    const by = await app.rows(`SELECT DISTINCT instance FROM "DeletedBy" WHERE key LIKE $1`, [`${turn} %`]);
    expect(by).toHaveLength(1);
    expect(["one", "two"]).toContain(by[0]?.instance);
  }
  expect(await count(`FROM "Session" WHERE "endedAt" IS NULL`)).toBe(1);
  const ended = await app.rows(
    `SELECT count(*)::int AS events, count(DISTINCT "sessionHash")::int AS sessions FROM "AuditEvent" WHERE event = 'session.expired'`,
  );
  expect(ended).toEqual([{ events: 450, sessions: 450 }]);
  for (const instance of instances) expect(instance.output()).not.toMatch(/sweep\.failed|deadlock/);
});

it("when both are let in at once, by a count that was lost, they share the work and nobody stands in the other's way", async () => {
  await holdTurn();
  await app.rows(
    `INSERT INTO "SpentState" ("stateHash", "expiresAt")
     SELECT 'both ' || n, now() - interval '1 minute' FROM generate_series(1, 2000) n`,
  );
  // Whoever asks has its turn: the row is gone whenever it was counted.
  await app.rows(`CREATE FUNCTION forget_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.key = 'sweep' THEN NEW."expiresAt" = now() - interval '1 second'; END IF; RETURN NEW; END $$`);
  await app.rows(
    `CREATE TRIGGER forgotten BEFORE INSERT OR UPDATE ON "RateLimit" FOR EACH ROW EXECUTE FUNCTION forget_turn()`,
  );
  await letOneIn();
  await expect.poll(() => count(`FROM "SpentState" WHERE "stateHash" LIKE 'both %'`)).toBe(0);
  await app.rows(`DROP TRIGGER forgotten ON "RateLimit"`);
  expect(await count(`FROM "DeletedBy" WHERE key LIKE 'both %'`)).toBe(2000);
  for (const instance of instances) expect(instance.output()).not.toMatch(/sweep\.failed|deadlock/);
});
