import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { audited } from "./audit";
import { rowDigest } from "./digest";
import { eraseBatchFromAudit, eraseRestFromAudit } from "./erase";

let client: pg.Client;
beforeAll(async () => {
  const { databaseUrl } = provideEnv({ databaseUrl: await createTestDatabase(inject("servers").postgresUrl) });
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});

const mina = "11111111-1111-4111-8111-111111111111";
const pseudonym = "55555555-5555-4555-8555-555555555555";
const jun = "22222222-2222-4222-8222-222222222222";

function write(userId: string, salt: string | null): Promise<unknown> {
  return client.query(
    `INSERT INTO "AuditEvent" (event, outcome, "userId", ip, "userAgent", "sessionHash", provider, detail, salt)
     VALUES ('sign_in.succeeded', 'success', $1, '203.0.113.9', 'Firefox', 'hash', 'company', '{"sub": "secret-sub"}', $2)`,
    [userId, salt],
  );
}

it("what the audit trail says of a user who is deleted is erased, and what happened stays, under one pseudonym", async () => {
  await write(mina, "33333333-3333-4333-8333-333333333333");
  await write(mina, null);
  await write(jun, "44444444-4444-4444-8444-444444444444");
  const digests = () =>
    db.$queryRaw<{ digest: Uint8Array }[]>`SELECT ${rowDigest} digest FROM "AuditEvent" ORDER BY id`;
  const [before] = await digests();
  expect(await audited((tx) => eraseRestFromAudit(tx, { userId: mina, pseudonym }))).toBe(2);
  const { rows } = await client.query(`SELECT * FROM "AuditEvent" ORDER BY id`);
  expect(JSON.stringify(rows.slice(0, 2))).not.toMatch(/11111111|203\.0|Firefox|secret-sub|33333333/);
  expect(rows[0]).toMatchObject({ event: "sign_in.succeeded", sessionHash: "hash", provider: "company" });
  expect(rows.map((row) => row.pseudonym)).toEqual([pseudonym, pseudonym, null]);
  expect(rows[2]).toMatchObject({ userId: jun, ip: "203.0.113.9", pseudonym: null, erased: null });
  // The chain is over this digest: it is the same as before.
  expect((await digests())[0]).toEqual(before);
  expect(await audited((tx) => eraseRestFromAudit(tx, { userId: mina, pseudonym }))).toBe(0);
});

it("an administrator who is deleted is named by no row of others, nor is whom an export was about", async () => {
  await client.query(`TRUNCATE "AuditEvent"`);
  const act = (userId: string | null, detail: object) =>
    client.query(
      `INSERT INTO "AuditEvent" (event, outcome, "userId", ip, detail) VALUES ('admin.action', 'success', $1, '203.0.113.9', $2)`,
      [userId, detail],
    );
  await act(jun, { act: "disable", by: mina });
  await act(null, { act: "export_audit", by: jun, user: mina });
  await act(jun, { act: "enable", by: jun });
  expect(await audited((tx) => eraseRestFromAudit(tx, { userId: mina, pseudonym }))).toBe(2);
  const { rows } = await client.query(`SELECT "userId", ip, detail FROM "AuditEvent" ORDER BY id`);
  const erased = { userId: null, ip: null, detail: {} };
  expect(rows).toEqual([erased, erased, { userId: jun, ip: "203.0.113.9", detail: { act: "enable", by: jun } }]);
});

it("of many rows a batch goes at a time, and the rest with the user", async () => {
  await client.query(`TRUNCATE "AuditEvent"`);
  await client.query(
    `INSERT INTO "AuditEvent" (event, outcome, "userId", detail)
     SELECT 'sign_out', 'success', $1, '{}' FROM generate_series(1, 10001)`,
    [mina],
  );
  const eraseBatch = () => audited((tx) => eraseBatchFromAudit(tx, { userId: mina, pseudonym }));
  expect([await eraseBatch(), await eraseBatch(), await eraseBatch()]).toEqual([true, true, false]);
  const left = await client.query(`SELECT count(*)::int AS left FROM "AuditEvent" WHERE "userId" = $1`, [mina]);
  expect(left.rows).toEqual([{ left: 1 }]);
  expect(await audited((tx) => eraseRestFromAudit(tx, { userId: mina, pseudonym }))).toBe(1);
});
