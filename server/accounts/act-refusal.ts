import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import type { Act } from "./actor";

/**
 * Why `act` may not be done to this user, whoever asks, or null. Asked in the transaction of the act, which holds the locks on
 * the user's rows.
 *
 * The one place for rules about whole accounts: whoever adds such a rule, as that the last administrator stays, adds it here.
 */
export async function refusalOf(
  _tx: Prisma.TransactionClient,
  _asked: { act: Act; userId: string },
): Promise<ErrorCode | null> {
  return null;
}
