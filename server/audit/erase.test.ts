import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { audited } from "./audit";
import { rowDigest } from "./digest";
import { eraseUserFromAudit } from "./erase";

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
  expect(await audited((tx) => eraseUserFromAudit(tx, mina))).toBe(2);
  const { rows } = await client.query(`SELECT * FROM "AuditEvent" ORDER BY id`);
  expect(JSON.stringify(rows.slice(0, 2))).not.toMatch(/11111111|203\.0|Firefox|secret-sub|33333333/);
  expect(rows[0]).toMatchObject({ event: "sign_in.succeeded", sessionHash: "hash", provider: "company" });
  expect(rows[0].pseudonym).toMatch(/^[\da-f-]{36}$/);
  expect(rows[1].pseudonym).toBe(rows[0].pseudonym);
  expect(rows[2]).toMatchObject({ userId: jun, ip: "203.0.113.9", pseudonym: null, erased: null });
  // The chain is over this digest: it is the same as before.
  expect((await digests())[0]).toEqual(before);
  expect(await audited((tx) => eraseUserFromAudit(tx, mina))).toBe(0);
});
