import pg from "pg";
import { startServer } from "./registry/databases";
import { createDatabase } from "../dev/postgres/postgres";
import { migrate, readMigrations } from "../prisma/migrate";
import { withMigrationsOf } from "../e2e/golden/golden";
import { loadavg } from "node:os";
const rows = Number(process.argv[2] ?? 1_000_000);
const server = await startServer("tmpmig");
try {
  const first = await server.fill(10);
  const url = await createDatabase(first, "mig");
  await withMigrationsOf("0.2.0", (folder) => migrate(url, folder));
  const c = new pg.Client({ connectionString: url }); await c.connect();
  let t = performance.now();
  await c.query(`DROP INDEX "AuditEvent_userId_at_idx","AuditEvent_event_at_idx","AuditEvent_at_idx"`);
  await c.query(`INSERT INTO "AuditEvent" (at, event, outcome, "userId", "sessionHash", provider, issuer, ip, "userAgent", "requestId", detail)
    SELECT now() - n * interval '1 second', 'token.refreshed', 'success', md5('u'||n%1000)::uuid, 'h'||n%1000, 'company','https://company.example','203.0.113.9',repeat('u',110),md5(n::text),'{"resource":"x"}' FROM generate_series(1,${rows}) n`);
  await c.query(`CREATE INDEX "AuditEvent_userId_at_idx" ON "AuditEvent"("userId","at"); CREATE INDEX "AuditEvent_event_at_idx" ON "AuditEvent"("event","at"); CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at")`);
  console.log("filled", rows, performance.now() - t, (await c.query(`SELECT pg_total_relation_size('"AuditEvent"')/1048576 mb`)).rows[0]);
  for (const { name, sql } of readMigrations().filter(({ name }) => name >= "20261129120000")) {
    t = performance.now();
    await c.query(`BEGIN; ${sql}`); await c.query("COMMIT");
    console.log(name, Math.round(performance.now() - t), "ms", loadavg()[0]);
  }
  t = performance.now();
  await c.query(`CREATE UNIQUE INDEX x ON "AuditEvent_before"(id, at)`);
  console.log("for comparison, unique index (id, at):", Math.round(performance.now() - t));
  await c.end();
} finally { await server.end(); }
