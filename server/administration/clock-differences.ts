import "server-only";
import { db } from "../db/client";
import { limit } from "./limit";

/**
 * By how many seconds the clock of each provider is ahead of ours, as live sessions tell: the middle of the differences
 * between when it issued an ID token and when its session began. So the time of a sign-in itself counts as being behind.
 *
 * @param providers ids; of each, at most `most` live sessions are looked at, by an index
 */
export async function clockDifferences(providers: readonly string[], most = 20): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ provider: string; seconds: number }[]>`
    SELECT asked.provider, latest.seconds
    FROM unnest(${providers}::text[]) AS asked(provider) CROSS JOIN LATERAL (
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s."issuedAt" - s."createdAt"))::float8 AS seconds
      FROM (
        SELECT "issuedAt", "createdAt" FROM "Session"
        WHERE provider = asked.provider AND "endedAt" IS NULL
        ORDER BY provider, COALESCE(device, ''), "createdAt", id ${limit(most)}
      ) s
    ) latest
    WHERE latest.seconds IS NOT NULL`;
  return new Map(rows.map(({ provider, seconds }) => [provider, seconds]));
}
