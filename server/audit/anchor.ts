import "server-only";
import { db } from "../db/client";
import { log } from "../http/log";
import { hex } from "./chain";

/**
 * Tells the log the newest hash of the chain, at most once an hour over all instances, and only if it is another than before.
 * Kept elsewhere, it proves that nothing up to it was written later: `npm run audit:verify -- --anchor <what it says>`.
 */
export async function logAnchor(): Promise<void> {
  // Of several at once, one updates the row, and the others find it updated.
  const told = await db.$executeRaw`
    UPDATE "AuditSealer" SET "anchoredAt" = now()
    WHERE ("anchoredAt" IS NULL OR "anchoredAt" < now() - interval '1 hour')
      AND EXISTS (SELECT 1 FROM "AuditSeal" WHERE "sealedAt" > coalesce("anchoredAt", '-infinity'))`;
  if (told === 0) return;
  const [head] = await db.$queryRaw<{ month: string; number: number; hash: Uint8Array }[]>`
    SELECT "month", "number", "hash" FROM "AuditSeal" ORDER BY "sealedAt" DESC, "month" DESC, "number" DESC LIMIT 1`;
  if (head) log.info("audit.anchor", { anchor: `${head.month}/${head.number}:${hex(head.hash)}` });
}
