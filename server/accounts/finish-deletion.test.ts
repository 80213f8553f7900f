import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { finishDeletion, finishDueDeletions } from "./finish-deletion";

beforeAll(async () => {
  provideEnv({
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    providers: [],
    services: [],
  });
});
afterAll(() => db.$disconnect());
beforeEach(async () => {
  await db.user.deleteMany({});
  await db.$executeRaw`TRUNCATE "AuditEvent"`;
});

const hourMs = 3_600_000;

/** Somebody whose grace period of an hour is over. */
async function addDue(): Promise<string> {
  const deletionDueAt = new Date(Date.now() - 1000);
  const deletionAskedAt = new Date(deletionDueAt.getTime() - hourMs);
  return (await db.user.create({ data: { deletionAskedAt, deletionDueAt } })).id;
}

const sweep = () => finishDueDeletions(hourMs);
const isThere = async (id: string) => (await db.user.count({ where: { id } })) === 1;

it("a user of whom the audit trail has much is deleted, batch by batch, under one pseudonym", async () => {
  const id = await addDue();
  await db.$executeRaw`
    INSERT INTO "AuditEvent" (event, outcome, "userId", ip, detail)
    SELECT 'sign_out', 'success', ${id}::uuid, '203.0.113.9', '{}' FROM generate_series(1, 11000)`;
  expect(await sweep()).toEqual({ users: 1, done: true });
  expect(await isThere(id)).toBe(false);
  const [left] = await db.$queryRaw<unknown[]>`
    SELECT count(*)::int AS rows, count(DISTINCT pseudonym)::int AS pseudonyms, count("userId")::int AS users,
      count(ip)::int AS ips FROM "AuditEvent"`;
  expect(left).toEqual({ rows: 11_001, pseudonyms: 1, users: 0, ips: 0 });
});

it("where the time is over between two batches, the next clean-up goes on", async () => {
  const id = await addDue();
  await db.$executeRaw`
    INSERT INTO "AuditEvent" (event, outcome, "userId", detail)
    SELECT 'sign_out', 'success', ${id}::uuid, '{}' FROM generate_series(1, 11000)`;
  expect(await finishDeletion(id, 0)).toBe(false);
  expect(await isThere(id)).toBe(true);
  expect(await db.auditEvent.count({ where: { userId: id } })).toBe(6000);
  expect(await sweep()).toEqual({ users: 1, done: true });
});

it("one who cannot be deleted comes after the others the next time", async () => {
  const stuck = await addDue();
  await db.$executeRawUnsafe(`
    CREATE SEQUENCE tries;
    CREATE TABLE order_of_deletion (tries bigint);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF old.id = '${stuck}' THEN
        PERFORM nextval('tries');
        RAISE 'not this one';
      END IF;
      INSERT INTO order_of_deletion SELECT last_value FROM tries;
      RETURN old;
    END $$;
    CREATE TRIGGER refuse BEFORE DELETE ON "User" FOR EACH ROW EXECUTE FUNCTION refuse()`);
  try {
    const other = await addDue();
    await db.user.update({ where: { id: other }, data: { deletionDueAt: new Date(Date.now() + hourMs) } });
    expect(await sweep()).toEqual({ users: 0, done: false });
    await db.$executeRaw`UPDATE "User" SET "deletionDueAt" = now() - interval '1 second' WHERE id = ${other}::uuid`;
    expect(await sweep()).toEqual({ users: 1, done: false });
    expect(await isThere(other)).toBe(false);
    expect(await db.$queryRaw`SELECT tries::int FROM order_of_deletion`).toEqual([{ tries: 1 }]);
  } finally {
    await db.$executeRawUnsafe(`DROP TRIGGER refuse ON "User"; DROP TABLE order_of_deletion; DROP SEQUENCE tries`);
  }
});

it("whoever was let in by an instance of before, and is still signed in, keeps the account", async () => {
  const id = await addDue();
  const later = new Date(Date.now() + hourMs);
  const deadlines = { expires: later, idleExpiresAt: later, idleSeconds: 1800 };
  const facts = { provider: "company", issuer: "https://c.example", subject: "mina", claims: {}, roles: [] };
  await db.session.create({
    data: {
      ...{ userId: id, sessionToken: crypto.randomUUID(), claimsSource: "id-token", authTime: new Date(), amr: [] },
      ...{ ...deadlines, ...facts },
    },
  });
  expect(await sweep()).toEqual({ users: 0, done: true });
  expect(await db.user.findUnique({ where: { id }, select: { deletionDueAt: true } })).toEqual({ deletionDueAt: null });
  expect(await db.session.count({ where: { userId: id, endedAt: null } })).toBe(1);
  expect(await db.auditEvent.findMany({ select: { event: true } })).toEqual([{ event: "account.deletion_undone" }]);
});
