import "server-only";
import { fitForLog } from "../http/log";
import { env } from "../settings/env";
import { sealedPlaces } from "../tokens/sealed-places";
import type { Ask } from "./database";
import { type Finding, found } from "./findings";

// As long as audit rows are kept by default, an older key cannot be told from one that is a little younger.
const oldDays = 365;
const dayMs = 86_400_000;
// As they lie in the table, the oldest first on the whole.
const mostRows = 10_000;

/**
 * Whether stored tokens are sealed under a key that is configured, and under the newest; and how old that is at least. Of each
 * sealed column no more than {@link mostRows} rows are looked at, however many there are.
 */
export async function examineVaultKeys(ask: Ask): Promise<Finding[]> {
  const values = sealedPlaces.map(
    ({ table, stored }) => `(SELECT "${stored}" AS sealed FROM "${table}" LIMIT ${mostRows})`,
  );
  const rows = await ask<{ id: string; count: number }>(
    `SELECT split_part(sealed, '.', 2) AS id, count(*)::int AS count FROM (${values.join(" UNION ALL ")}) AS tokens
     WHERE sealed IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  const [newest, ...former] = env().vaultKeys.map(({ id }) => id);
  const [rotated] = await ask<{ at: Date }>(
    `SELECT at FROM "AuditEvent" WHERE event = 'vault.rotated' ORDER BY at DESC LIMIT 1`,
  );
  const [since] = rotated ? [rotated] : await ask<{ at: Date | null }>(`SELECT min(at) AS at FROM "AuditEvent"`);
  const days = since?.at ? Math.floor((Date.now() - since.at.getTime()) / dayMs) : 0;
  const amiss = rows.flatMap(({ id, count }) => {
    if (id === newest) return [];
    const facts = { id: fitForLog(id).slice(0, 40), count };
    return [found(former.includes(id) ? "keyFormer" : "keyMissing", facts)];
  });
  if (days > oldDays) amiss.push(found("keyOld", { id: newest ?? "", days }));
  return amiss.length > 0 ? amiss : [found("keysKnown", { id: newest ?? "", days })];
}
