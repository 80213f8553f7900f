import "server-only";
import { db } from "../db/client";

/**
 * Spends a `state`: answers true once and false ever after, on every instance. Cookies alone cannot say that: a
 * browser may deliver a callback twice at once, and a copied cookie any number of times (RFC 6749, section 10.12;
 * RFC 9700, section 4.7).
 *
 * @throws when the database cannot be asked; the code is not exchanged then
 */
export async function spendState(stateHash: string, transactionSeconds: number, now = new Date()): Promise<boolean> {
  const expiresAt = new Date(now.getTime() + transactionSeconds * 1000);
  const { count } = await db.spentState.createMany({ data: [{ stateHash, expiresAt }], skipDuplicates: true });
  await db.spentState.deleteMany({ where: { expiresAt: { lt: now } } });
  return count === 1;
}

/** Whether a `state` came back already, and could still come back again. */
export async function isSpent(stateHash: string): Promise<boolean> {
  return (await db.spentState.findUnique({ where: { stateHash }, select: { stateHash: true } })) !== null;
}
