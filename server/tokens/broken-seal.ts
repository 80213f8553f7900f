import "server-only";
import { auditAtOnce } from "../audit/audit";
import { VaultError } from "./errors";
import type { SealOwner } from "./seal";

/**
 * Writes down that a stored token failed authentication: it was changed, or moved from another row. Other errors are none of that.
 *
 * @param isReplaced whether the token is got again, so that its user notices nothing
 */
export async function noteBrokenSeal(
  error: unknown,
  { table, column, id }: SealOwner,
  { isReplaced = false } = {},
): Promise<void> {
  if (!(error instanceof VaultError) || error.code !== "SEAL_BROKEN") return;
  await auditAtOnce({
    event: "security.ciphertext",
    outcome: "failure",
    ...(!isReplaced && { reason: "reauthentication_required" }),
    detail: { table, column, row: id },
  });
}
