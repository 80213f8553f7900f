import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../audit/audit";

/** How many accounts are moved in one transaction, which a busy database has to get done in time. */
const atOnce = 50;

interface Move {
  provider: string;
  /** The issuer that its accounts were written with. */
  from: string;
  /** The one that their tokens name now. */
  to: string;
}

/** Writes one account of a provider that has moved over to the issuer that its tokens name now, with an audit row. */
export async function moveAccount(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { id, userId }: { id: string; userId: string },
  { provider, from, to }: Move,
): Promise<void> {
  await tx.account.update({ where: { id }, data: { issuer: to } });
  await audit({ event: "provider.moved", outcome: "success", userId, provider, issuer: to, detail: { from } });
}

/**
 * Moves all accounts of a provider from a former issuer to another. Sessions keep theirs and end in their time: whoever has one
 * signs in again, since no token of the former issuer is worth anything any more.
 *
 * @returns how many there were
 */
export async function moveAccounts(move: Move): Promise<number> {
  const { provider, from } = move;
  for (let count = 0; ; ) {
    const moved = await audited(async (tx, audit) => {
      const accounts = await tx.account.findMany({
        where: { provider, issuer: from },
        select: { id: true, userId: true },
        orderBy: { id: "asc" },
        take: atOnce,
      });
      for (const account of accounts) await moveAccount(tx, audit, account, move);
      return accounts.length;
    });
    count += moved;
    if (moved < atOnce) return count;
  }
}
