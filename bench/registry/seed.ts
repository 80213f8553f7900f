import { createHash } from "node:crypto";
import pg from "pg";

// As random as a real id, and known without asking.
function uuid(text: string): string {
  const hex = createHash("md5").update(text).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The id of the seeded person `n`, from 1. */
export function userIdOf(n: number): string {
  return uuid(`user ${n}`);
}

/** The ids of a seeded session, from 1 to twice as many as there are people, and of what was granted to it. */
export function idsOf(session: number) {
  const sessionId = uuid(`session ${session}`);
  const grantId = uuid(`grant of ${sessionId}`);
  return { sessionId, grantId, tokenId: uuid(`token of ${grantId}`) };
}

/** The `index`th of the live sessions: seven in ten, the last to have come. */
export function liveSession(index: number, users: number): number {
  return Math.floor(0.6 * users) + index;
}

/** The secret id of a person's second session, which is alive. */
export function sessionTokenOf(n: number, users: number): string {
  return createHash("sha256")
    .update(`session ${users + n}`)
    .digest("base64");
}

/** The `index`th of the people both of whose sessions are alive: two in five, the last to have come. */
export function doublySignedIn(index: number, users: number): number {
  return Math.floor(0.6 * users) + index;
}

const spread = "((hashint4(s) & 65535) / 65536.0)";

const insertUsers = `
  INSERT INTO "User" (id, name, email, "emailVerified", image, "createdAt", "updatedAt")
  SELECT md5('user ' || n)::uuid, 'Person ' || n, 'person' || n || '@company.example', now(),
         'https://company.example/people/' || n || '.png', now() - interval '90 days', now()
  FROM generate_series($1::int, $2::int) n`;

// In the order in which people signed in, everybody once and then everybody again, as a table grows: 5 % ended longer ago
// than tombstones are kept, 15 % ended, 10 % forgotten past their idle deadline, 70 % alive. $3 is how many people.
const sessions = `
  INSERT INTO "Session" (id, "sessionToken", "userId", expires, "idleExpiresAt", "idleSeconds", provider, issuer, subject,
    "providerSessionId", claims, "claimsSource", roles, "authTime", "issuedAt", amr, device, "userAgent", ip, "createdAt",
    "lastActiveAt", "endedAt", "endReason", "endedBy")
  SELECT md5('session ' || s)::uuid, encode(sha256(('session ' || s)::bytea), 'base64'), md5('user ' || n)::uuid,
         active + interval '11 hours', active + interval '30 minutes', 1800, 'company', 'https://company.example',
         'subject-' || n, 'provider-session-' || s,
         jsonb_build_object('iss', 'https://company.example', 'aud', 'daemun', 'sub', 'subject-' || n, 'sid', 'provider-session-' || s,
           'name', 'Person ' || n, 'email', 'person' || n || '@company.example', 'email_verified', true),
         'userinfo', '{member}', active - interval '1 hour', active - interval '1 hour', '{pwd}', 'Chrome, Windows',
         'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
         '203.0.113.' || s % 250, active - interval '1 hour', active,
         CASE WHEN fate IN ('ended', 'old') THEN active END,
         CASE WHEN fate IN ('ended', 'old') THEN 'signed_out' END,
         CASE WHEN fate IN ('ended', 'old') THEN 'self' END
  FROM (
    SELECT s, n, fate, now() - CASE fate
        WHEN 'live' THEN ${spread} * interval '10 minutes'
        WHEN 'idle' THEN interval '1 hour' + ${spread} * interval '5 hours'
        WHEN 'ended' THEN (0.2 - part) / 0.15 * interval '6 days' + ${spread} * interval '1 hour'
        ELSE interval '9 days' + (0.05 - part) / 0.05 * interval '20 days' + ${spread} * interval '1 hour' END AS active
    FROM (
      SELECT s, (s - 1) % $3::int + 1 AS n, part, CASE
          WHEN part < 0.05 THEN 'old' WHEN part < 0.2 THEN 'ended' WHEN part < 0.3 THEN 'idle' ELSE 'live' END AS fate
      FROM (
        SELECT s, s / (2.0 * $3::int) AS part FROM generate_series(2 * $1::int - 1, 2 * $2::int) s
      ) numbered
    ) fates
  ) times`;

const grants = `
  INSERT INTO "Grant" (id, "userId", "sessionId", provider, scope, "sealedRefreshToken", "sealedIdToken", "endedAt", "endReason",
    "createdAt", "updatedAt")
  SELECT md5('grant of ' || id)::uuid, "userId", id, provider, 'openid profile email offline_access',
         CASE WHEN "endedAt" IS NULL THEN 'v1.bench.' || repeat(md5(id::text), 3) END,
         CASE WHEN "endedAt" IS NULL THEN 'v1.bench.' || repeat(md5(id::text), 8) END,
         "endedAt", "endReason", "createdAt", "lastActiveAt"
  FROM "Session" WHERE ctid >= $1::tid AND ctid < $2::tid`;

const accessTokens = `
  INSERT INTO "AccessToken" (id, "grantId", scope, "sealedToken", "expiresAt", "createdAt")
  SELECT md5('token of ' || id)::uuid, id, scope, 'v1.bench.' || repeat(md5(id::text), 8), now() + interval '1 hour', "createdAt"
  FROM "Grant" WHERE "endedAt" IS NULL AND ctid >= $1::tid AND ctid < $2::tid`;

const tables = ["User", "Session", "Grant", "AccessToken"];
const lanes = 4;

/**
 * Fills a migrated, empty database with people, two sessions each, and what these were granted. Indexes that are no
 * constraints are built when the rows are there, which takes a fraction of the time.
 */
export async function seed(databaseUrl: string, users: number): Promise<void> {
  // As a replica does: what is inserted refers to what is there, and is not looked up row by row.
  const options = "-c session_replication_role=replica -c maintenance_work_mem=128MB -c TimeZone=UTC";
  const pool = new pg.Pool({ connectionString: databaseUrl, max: lanes, options });
  try {
    const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
       FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relname = ANY ($1) AND NOT indisprimary`,
      [tables],
    );
    for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`);
    for (const table of tables) await pool.query(`ALTER TABLE "${table}" SET (autovacuum_enabled = off)`);

    const fill = (insert: string, parts: unknown[][]) => Promise.all(parts.map((part) => pool.query(insert, part)));
    const everybody = partsOf(users);
    await fill(
      insertUsers,
      everybody.map(([before, last]) => [before + 1, last]),
    );
    await fill(
      sessions,
      everybody.map(([before, last]) => [before + 1, last, users]),
    );
    for (const [insert, from] of [
      [grants, "Session"],
      [accessTokens, "Grant"],
    ] as const) {
      const { rows } = await pool.query<{ pages: number }>(
        `SELECT (pg_relation_size('"${from}"') / 8192)::int AS pages`,
      );
      await fill(
        insert,
        partsOf(rows[0]?.pages ?? 0).map(([first, end]) => [`(${first},0)`, `(${end},0)`]),
      );
    }

    await Promise.all(indexes.map(({ definition }) => pool.query(definition)));
    for (const table of tables) await pool.query(`ALTER TABLE "${table}" RESET (autovacuum_enabled)`);
    await Promise.all(tables.map((table) => pool.query(`VACUUM (ANALYZE) "${table}"`)));
  } finally {
    await pool.end();
  }
}

/** Cuts 0 to `count` into a part for each lane: where it begins, and where the next one does. */
function partsOf(count: number): [number, number][] {
  const at = (lane: number) => Math.floor((count * lane) / lanes);
  return Array.from({ length: lanes }, (_, lane) => [at(lane), at(lane + 1)]);
}
