import "server-only";
import { env } from "../settings/env";
import type { Ask } from "./database";
import { type Finding, found } from "./findings";

// Those whose users were here last.
const mostSessions = 200;

/**
 * Whether providers leave claims out of their tokens as too many: told by the claims of living sessions, of which the newest
 * {@link mostSessions} are looked at. Only how many there are is said.
 *
 * Source: as in `server/oidc/overage.ts`.
 */
export async function examineClaims(ask: Ask): Promise<Finding[]> {
  const rows = await ask<{ provider: string; count: number; cut: number }>(
    `SELECT provider, count(*)::int AS count,
       count(*) FILTER (WHERE jsonb_typeof(claims -> '_claim_names') = 'object' OR claims ->> 'hasgroups' = 'true')::int AS cut
     FROM (SELECT provider, claims FROM "Session" WHERE "endedAt" IS NULL
       ORDER BY "endedAt" DESC, "idleExpiresAt" DESC LIMIT ${mostSessions}) AS latest GROUP BY provider`,
  );
  const configured = new Set(env().providers.map(({ id }) => id));
  const cut = rows.filter((row) => row.cut > 0 && configured.has(row.provider));
  if (cut.length > 0) return cut.map((row) => found("claimsLeftOut", { count: row.count, cut: row.cut }, row.provider));
  return [found("claimsWhole", { count: rows.reduce((sum, { count }) => sum + count, 0) })];
}
