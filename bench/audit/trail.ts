import pg from "pg";

const months = 12;

/**
 * Fills the audit trail with rows of the last twelve months, each in a partition of its own, as if the sweep had made them.
 *
 * @returns how large it is, with its indexes
 */
export async function fillTrail(databaseUrl: string, rows: number): Promise<{ months: number; megabytes: number }> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 2,
    options: "-c maintenance_work_mem=256MB -c TimeZone=UTC",
  });
  try {
    // What the migration left for rows of before is empty here: months take its place.
    await pool.query(`ALTER TABLE "AuditEvent" DETACH PARTITION "AuditEvent_before"`);
    const starts = Array.from({ length: months + 2 }, (_, index) => {
      const now = new Date();
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 1 + index));
    });
    const each = Math.floor(rows / months);
    const parts = starts.slice(0, -1).map((start, index) => ({
      start,
      end: starts[index + 1] as Date,
      from: index * each,
      count: index < months ? each : 0,
    }));
    const fillNext = async () => {
      for (let part = parts.shift(); part; part = parts.shift()) await fillMonth(pool, part);
    };
    await Promise.all([fillNext(), fillNext()]);
    await pool.query(`SELECT setval('"AuditEvent_id_seq"', $1)`, [rows + 1]);
    await pool.query(`VACUUM (ANALYZE) "AuditEvent"`);
    const { rows: sizes } = await pool.query<{ megabytes: number }>(
      `SELECT (sum(pg_total_relation_size(inhrelid)) / 1048576)::int AS megabytes FROM pg_inherits WHERE inhparent = '"AuditEvent"'::regclass`,
    );
    return { months, megabytes: sizes[0]?.megabytes ?? 0 };
  } finally {
    await pool.end();
  }
}

interface Part {
  start: Date;
  end: Date;
  /** The id before its first. */
  from: number;
  count: number;
}

/** Rows first, then the indexes: that takes a fraction of the time. */
async function fillMonth(pool: pg.Pool, { start, end, from, count }: Part): Promise<void> {
  const name = `"AuditEvent_${start.toISOString().slice(0, 7).replace("-", "_")}"`;
  await pool.query(`CREATE TABLE ${name} (LIKE "AuditEvent" INCLUDING DEFAULTS)`);
  const until = Math.min(end.getTime(), Date.now());
  await pool.query(
    `INSERT INTO ${name} (id, at, event, outcome, "userId", "sessionHash", provider, issuer, ip, "userAgent", "requestId", detail, salt)
     SELECT $1::bigint + n, $3::timestamptz + n * ($4::timestamptz - $3::timestamptz) / ($2::int + 1),
       (ARRAY['sign_in.started', 'sign_in.succeeded', 'token.refreshed', 'token.refreshed', 'token.refreshed', 'sign_out', 'sign_in.failed'])[1 + n % 7],
       CASE n % 7 WHEN 6 THEN 'failure' ELSE 'success' END, md5('user ' || (1 + (hashint4(n) & 1048575)))::uuid,
       'bench-session-hash-' || n % 1000, 'company', 'https://company.example', '203.0.113.' || n % 250,
       'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
       md5(n::text), '{"resource": "https://api.example"}', md5('salt ' || n)::uuid
     FROM generate_series(1, $2::int) n`,
    [from, count, start, new Date(until > start.getTime() ? until : end.getTime())],
  );
  await pool.query(`ALTER TABLE ${name} ADD PRIMARY KEY (id)`);
  await pool.query(
    `ALTER TABLE "AuditEvent" ATTACH PARTITION ${name} FOR VALUES FROM ('${start.toISOString()}') TO ('${end.toISOString()}')`,
  );
}
