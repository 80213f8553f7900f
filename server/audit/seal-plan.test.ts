import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { recordStatements } from "../../bench/registry/statements";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { makeMonths } from "./months";
import { sealRows } from "./seal";

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

const write = (from: number, to: number) =>
  client.query(
    `INSERT INTO "AuditEvent" (event, outcome, detail) SELECT 'sign_out', 'success', '{}' FROM generate_series($1::int, $2) n`,
    [from, to],
  );

it("sealing reads no partition from end to end, however many rows it has, with gaps and without", async () => {
  await makeMonths(new Date(Date.now() + 90 * 86_400_000));
  await write(1, 60_000);
  await client.query(`UPDATE "AuditSealer" SET "upTo" = (SELECT max(id) FROM "AuditEvent")`);
  await client.query("VACUUM ANALYZE");
  await client.query(`SELECT nextval('"AuditEvent_id_seq"') FROM generate_series(1, 3)`);
  await write(1, 10);
  await sealRows();
  await write(1, 10);
  const statements = (await recordStatements(async () => void (await sealRows()))).filter(({ text }) =>
    /FROM "AuditEvent"/.test(text),
  );
  expect(statements.length).toBeGreaterThan(1);
  await client.query("SET enable_seqscan = off");
  for (const { text, values } of statements) {
    if (/max\("id"\)/.test(text)) await client.query("RESET enable_seqscan");
    else await client.query("SET enable_seqscan = off");
    const { rows } = await client.query(`EXPLAIN ${text}`, values as unknown[]);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).not.toMatch(/Seq Scan on "AuditEvent_before"/);
  }
});
