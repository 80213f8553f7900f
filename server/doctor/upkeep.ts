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

/** Whether the clean-up runs: nothing notes when it did, but what it should have taken away long ago is there or not. */
export async function examineUpkeep(ask: Ask): Promise<Finding[]> {
  const tables = Object.entries(expiring) as [keyof typeof expiring, string][];
  let oldest = Number.POSITIVE_INFINITY;
  for (const [table, column] of tables) {
    const [row] = await ask<{ at: Date | null }>(`SELECT min("${column}") AS at FROM "${table}"`);
    if (row?.at) oldest = Math.min(oldest, row.at.getTime() + keptMs(table));
  }
  const lateMs = Date.now() - oldest;
  return [
    lateMs > overdueMs
      ? found("cleanUpOverdue", {
          days: Math.floor(lateMs / 86_400_000),
          route: env().cronSecret === null ? "shut" : "open",
        })
      : found("cleanUpRuns", { route: env().cronSecret === null ? "shut" : "open" }),
  ];
}

/** Whether limits count at all: by address only where addresses can be told apart. */
export function examineLimits(): Finding[] {
  const { trustedProxyHops, secure, rateLimitPerMinute } = env();
  const isTold = tellsAddresses({ trustedProxyHops, secure, header: daemun.clientAddressHeader ?? null });
  return [found(isTold ? "limitsCount" : "limitsUncounted", { perMinute: rateLimitPerMinute })];
}
