import "server-only";
import { fitForLog } from "../http/log";
import { env } from "../settings/env";
import type { Ask } from "./database";
import { type Finding, found } from "./findings";

// As long as audit rows are kept by default, an older key cannot be told from one that is a little younger.
const oldDays = 365;
const dayMs = 86_400_000;

/** Whether every stored token is sealed under a key that is configured, and under the newest; and how old that is at least. */
export async function examineVaultKeys(ask: Ask): Promise<Finding[]> {
  const rows = await ask<{ id: string; count: number; since: Date }>(
    `SELECT split_part(sealed, '.', 2) AS id, count(*)::int AS count, min(at) AS since FROM (
       SELECT "sealedRefreshToken" AS sealed, "updatedAt" AS at FROM "Grant" UNION ALL
       SELECT "sealedIdToken", "updatedAt" FROM "Grant" UNION ALL
       SELECT "sealedToken", "createdAt" FROM "AccessToken" UNION ALL
       SELECT "sealedToken", "createdAt" FROM "Revocation") AS tokens
     WHERE sealed IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  const [newest, ...former] = env().vaultKeys.map(({ id }) => id);
  const [rotated] = await ask<{ at: Date | null }>(
    `SELECT coalesce(max(at) FILTER (WHERE event = 'vault.rotated'), min(at)) AS at FROM "AuditEvent"`,
  );
  const days = rotated?.at ? Math.floor((Date.now() - rotated.at.getTime()) / dayMs) : 0;
  const amiss = rows.flatMap(({ id, count }) => {
    if (id === newest) return [];
    const facts = { id: fitForLog(id).slice(0, 40), count };
    return [found(former.includes(id) ? "keyFormer" : "keyMissing", facts)];
  });
  if (days > oldDays) amiss.push(found("keyOld", { id: newest ?? "", days }));
  return amiss.length > 0 ? amiss : [found("keysKnown", { id: newest ?? "", days })];
}
