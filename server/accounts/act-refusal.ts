import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import type { Act, Actor } from "./actor";
import { leavesNoAdmin } from "./last-admin";

/**
 * Why `act` may not be done to this user, whoever asks, or null. Asked in the transaction of the act, which holds the locks on
 * the user's rows.
 *
 * The one place for rules about whole accounts: whoever adds such a rule, as that the last administrator stays, adds it here.
 */
export async function refusalOf(
  tx: Prisma.TransactionClient,
  { act, userId, actor }: { act: Act; userId: string; actor: Actor },
): Promise<ErrorCode | null> {
  return takesAway.includes(act) && (await leavesNoAdmin(tx, userId, actor)) ? "last_admin" : null;
}

/** After these the user administers no more. */
const takesAway: readonly Act[] = ["disable", "delete", "revoke_admin"];
