import "server-only";
import daemun from "@/daemun.config";
import { expiring } from "../db/delete-expired";
import { tellsAddresses } from "../http/client-address";
import { keptMs } from "../sessions/registry/sweep";
import { env } from "../settings/env";
import type { Ask } from "./database";
import { type Finding, found } from "./findings";

// A clean-up a day, and one that was missed.
const overdueMs = 2 * 86_400_000;

/** Whether the clean-up runs: what it noted of its last run, and what it should have taken away long ago and is still there. */
export async function examineUpkeep(ask: Ask): Promise<Finding[]> {
  const lateMs = Date.now() - (await oldestDue(ask));
  const [last] = await ask<{ by: string; at: Date }>('SELECT "by", "at" FROM "CleanUp" ORDER BY "at" DESC LIMIT 1');
  const facts = {
    by: last?.by ?? "nobody",
    at: last ? `${last.at.toISOString().slice(0, 16).replace("T", " ")} UTC` : "",
    route: env().cronSecret === null ? "shut" : "open",
  };
  // Nothing can have run before there was a place to note it.
  const [{ since } = { since: null }] = await ask<{ since: Date | null }>(
    "SELECT max(finished_at) AS since FROM _prisma_migrations",
  );
  const idleMs = Date.now() - (last?.at ?? since ?? new Date()).getTime();
  if (idleMs > overdueMs) return [found("cleanUpOverdue", { ...facts, days: daysIn(idleMs) })];
  if (lateMs <= overdueMs) return [found(last ? "cleanUpRuns" : "cleanUpNotYet", facts)];
  return [found(last ? "cleanUpBehind" : "cleanUpOverdue", { ...facts, days: daysIn(lateMs) })];
}

/** When the oldest row that is still there should have been taken away, in milliseconds; infinite where there is none. */
async function oldestDue(ask: Ask): Promise<number> {
  let oldest = Number.POSITIVE_INFINITY;
  for (const [table, column] of Object.entries(expiring) as [keyof typeof expiring, string][]) {
    const [row] = await ask<{ at: Date | null }>(`SELECT min("${column}") AS at FROM "${table}"`);
    if (row?.at) oldest = Math.min(oldest, row.at.getTime() + keptMs(table));
  }
  return oldest;
}

function daysIn(ms: number): number {
  return Math.floor(ms / 86_400_000);
}

/** Whether limits count at all: by address only where addresses can be told apart. */
export function examineLimits(): Finding[] {
  const { trustedProxyHops, secure, rateLimitPerMinute } = env();
  const isTold = tellsAddresses({ trustedProxyHops, secure, header: daemun.clientAddressHeader ?? null });
  return [found(isTold ? "limitsCount" : "limitsUncounted", { perMinute: rateLimitPerMinute })];
}
