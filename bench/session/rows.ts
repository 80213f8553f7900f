import { randomUUID } from "node:crypto";
import { connectAside } from "../registry/connection";

// What time does to rows, and sign-ins: it makes work for the sweep. None of it is timed.

/** Opens sessions, with a grant and an access token each, that are like live ones. */
export async function addSessions(count: number): Promise<void> {
  const client = await connectAside();
  const like = `SELECT * FROM "Session" WHERE ${alive} AND id >= $1 ORDER BY id LIMIT $2`;
  await client.query(
    `WITH session AS (
       INSERT INTO "Session" SELECT (jsonb_populate_record(NULL::"Session", to_jsonb(old) ||
         jsonb_build_object('id', gen_random_uuid(), 'sessionToken', gen_random_uuid(), 'lastActiveAt', now()))).*
       FROM (${like}) old RETURNING id, "userId", "createdAt"
     ), "grant" AS (
       INSERT INTO "Grant" (id, "userId", "sessionId", provider, scope, "sealedRefreshToken", "sealedIdToken", "createdAt", "updatedAt")
       SELECT gen_random_uuid(), "userId", id, 'company', 'openid', 'v1.bench.' || repeat('x', 96), 'v1.bench.' || repeat('x', 512),
         "createdAt", now() FROM session RETURNING id, "createdAt"
     )
     INSERT INTO "AccessToken" (id, "grantId", scope, "sealedToken", "expiresAt", "createdAt")
     SELECT gen_random_uuid(), id, 'openid', 'v1.bench.' || repeat('x', 512), now() + interval '1 hour', "createdAt" FROM "grant"`,
    [anywhere(), count],
  );
}

/** Lets the idle deadline of live sessions pass. */
export function forgetSessions(count: number): Promise<void> {
  return change(`"idleExpiresAt" = now() - interval '1 minute'`, alive, [count]);
}

/** Lets ended sessions become older than `before`. */
export function outdateSessions(count: number, before: Date): Promise<void> {
  return change("expires = $3::timestamptz - interval '1 minute'", `"endedAt" IS NOT NULL AND expires >= $3`, [
    count,
    before,
  ]);
}

const alive = `"endedAt" IS NULL AND "idleExpiresAt" > now()`;

// Ids are random: those that follow one another lie anywhere in the table.
async function change(set: string, where: string, [count, ...rest]: unknown[]): Promise<void> {
  const client = await connectAside();
  const { rowCount } = await client.query(
    `UPDATE "Session" SET ${set} WHERE id IN (SELECT id FROM "Session" WHERE ${where} AND id >= $1 ORDER BY id LIMIT $2)`,
    [anywhere(), count, ...rest],
  );
  if (rowCount !== count) throw new Error(`There were ${rowCount} rows to change, not ${count}.`);
}

/** An id with enough behind it in a small table too. */
function anywhere(): string {
  return randomUUID().replace(/^./, "0");
}
