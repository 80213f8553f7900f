import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { ErrorCode } from "@/edge/error-codes";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { auditAtOnce } from "./audit";

let client: pg.Client;
beforeAll(async () => {
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  provideEnv({ databaseUrl, rateLimitPerMinute: 5 });
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});

const flood = (reason: ErrorCode, times: number) =>
  Promise.all(
    Array.from({ length: times }, (_, n) =>
      auditAtOnce({ event: "sign_in.failed", outcome: "failure", reason, detail: { cause: `${n}` } }),
    ),
  );

const told = async (reason: string) =>
  (
    await client.query(
      `SELECT count(*)::int rows, count(*) FILTER (WHERE detail ? 'surplus')::int carriers, sum((detail->>'surplus')::int)::int surplus
       FROM "AuditEvent" WHERE reason = $1`,
      [reason],
    )
  ).rows[0];

it("FF-73: a flood of one code leaves so many rows, and one of them counts the rest", async () => {
  await flood("state_mismatch", 300);
  await expect.poll(() => told("state_mismatch"), { timeout: 10_000 }).toEqual({ rows: 5, carriers: 1, surplus: 295 });
  await flood("state_mismatch", 10);
  await expect.poll(() => told("state_mismatch"), { timeout: 10_000 }).toEqual({ rows: 5, carriers: 1, surplus: 305 });
  await flood("invalid_request", 3);
  expect(await told("invalid_request")).toEqual({ rows: 3, carriers: 0, surplus: null });
});

it("FF-73: what comes while the table cannot be written is counted too", async () => {
  await client.query(`BEGIN; LOCK TABLE "AuditEvent" IN ACCESS EXCLUSIVE MODE`);
  const written = flood("invalid_request", 40);
  await client.query("COMMIT");
  await written;
  await expect.poll(() => told("invalid_request"), { timeout: 20_000 }).toEqual({ rows: 5, carriers: 1, surplus: 38 });
});

it("a row that was erased with its user meanwhile stays empty, whatever comes after it in its minute", async () => {
  await flood("csrf_rejected", 5);
  await client.query(
    `UPDATE "AuditEvent" SET pseudonym = gen_random_uuid(), salt = NULL, detail = '{}' WHERE reason = 'csrf_rejected'`,
  );
  await flood("csrf_rejected", 10);
  // Both are told in the same round, in this order.
  await flood("rate_limited", 15);
  await expect.poll(() => told("rate_limited"), { timeout: 10_000 }).toMatchObject({ surplus: 10 });
  const { rows } = await client.query(`SELECT DISTINCT detail FROM "AuditEvent" WHERE reason = 'csrf_rejected'`);
  expect(rows).toEqual([{ detail: {} }]);
});

it("a row of a user who is no longer there has nothing personal, and one of a user who is there has it all", async () => {
  const { id } = await db.user.create({ data: {} });
  const gone = crypto.randomUUID();
  for (const userId of [id, gone])
    await auditAtOnce({
      event: "rate.limited",
      outcome: "failure",
      reason: "overloaded",
      userId,
      detail: { kind: "x" },
    });
  for (let n = 0; n < 7; n += 1)
    await auditAtOnce(
      { event: "rate.limited", outcome: "failure", reason: "overloaded", userId: gone, detail: { kind: "y" } },
      { most: 1, kind: "y" },
    );
  const rows = () => client.query(`SELECT "userId", detail FROM "AuditEvent" WHERE reason = 'overloaded' ORDER BY id`);
  await expect
    .poll(async () => (await rows()).rows, { timeout: 10_000 })
    .toEqual([
      { userId: id, detail: { kind: "x" } },
      { userId: null, detail: {} },
      { userId: null, detail: { surplus: 6 } },
    ]);
});
