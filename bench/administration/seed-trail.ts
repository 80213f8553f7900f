import pg from "pg";
import { userIdOf } from "../registry/seed";

/** So many audit rows there are for each user. */
export const rowsPerUser = 10;

const days = 400;
const lanes = 2;

// In the order in which they came, over 400 days: half of them refreshes, and one in a thousand a failure of a provider.
const insertRows = `
  INSERT INTO "AuditEvent" (at, event, outcome, reason, "userId", "sessionHash", provider, issuer, ip, "userAgent", "requestId", detail)
  SELECT now() - interval '1 minute' - ($3::int - n) * (interval '${days} days' / $3::int),
    CASE WHEN n % 1000 = 0 THEN 'sign_in.failed' WHEN n % 2 = 0 THEN 'token.refreshed' WHEN n % 10 = 1 THEN 'sign_in.started'
      WHEN n % 10 = 3 THEN 'sign_in.succeeded' WHEN n % 10 = 5 THEN 'sign_out' ELSE 'session.expired' END,
    CASE WHEN n % 1000 = 0 THEN 'failure' ELSE 'success' END, CASE WHEN n % 1000 = 0 THEN 'provider_timeout' END,
    md5('user ' || 1 + n % $4::int)::uuid, left(md5('session ' || n), 22), 'company', 'https://company.example',
    '203.0.113.' || n % 250, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36', left(md5('request ' || n), 16),
    '{"sub": "subject"}'
  FROM generate_series($1::int, $2::int) n`;

const insertAccounts = `
  INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", issuer, "createdAt", "lastSignInAt")
  SELECT md5('account ' || n)::uuid, md5('user ' || n)::uuid, 'oidc', 'company', 'subject-' || n, 'https://company.example',
    now() - interval '90 days', now() - interval '1 hour' FROM generate_series(1, $1::int) n`;

const insertDays = `
  INSERT INTO "DailyCount" (day, events, users, sessions, "mostSessions", "countedAt")
  SELECT (now() AT TIME ZONE 'UTC')::date - n, '[["sign_in.succeeded", "success", "", "company", 2500],
    ["sign_in.failed", "failure", "provider_timeout", "company", 25]]', 1000, 1000, 1200, now() FROM generate_series(0, 399) n`;

/** Adds identities, a trail of {@link rowsPerUser} rows for each user, and counted days to a database that has users. */
export async function seedTrail(databaseUrl: string, users: number): Promise<void> {
  const options = "-c session_replication_role=replica -c maintenance_work_mem=256MB -c synchronous_commit=off";
  const pool = new pg.Pool({ connectionString: databaseUrl, max: lanes, options });
  try {
    const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
       FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relname = 'AuditEvent' AND NOT indisprimary`,
    );
    for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`);
    const total = users * rowsPerUser;
    const part = Math.ceil(total / lanes / 10);
    const parts = Array.from({ length: lanes * 10 }, (_, at) => [at * part + 1, Math.min((at + 1) * part, total)]);
    await Promise.all([
      pool.query(insertAccounts, [users]),
      pool.query(insertDays),
      ...parts
        .filter(([first = 0, last = 0]) => first <= last)
        .map(([first, last]) => pool.query(insertRows, [first, last, total, users])),
    ]);
    // The definition of a partitioned index is of the parent alone.
    await Promise.all(indexes.map(({ definition }) => pool.query(definition.replace(" ON ONLY ", " ON "))));
    for (const table of ["Account", "AuditEvent", "DailyCount"]) await pool.query(`VACUUM (ANALYZE) "${table}"`);
  } finally {
    await pool.end();
  }
}

/** A user whom the `run`th time is about. */
export function userOfRun(run: number, users: number): string {
  return userIdOf(1 + ((run * 7919) % users));
}
