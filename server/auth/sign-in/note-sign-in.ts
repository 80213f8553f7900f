import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { type Begun, placeDetail, tellOfDevice } from "../../sessions/registry/note-device";

/**
 * Writes down a sign-in whose session is there, in its transaction: that it succeeded, whether it undid a deletion, and which
 * device it began on.
 *
 * @param begun with the provider's `sub`, how many sessions of this browser it took the place of, and how long the provider took
 */
export async function noteSignIn(
  tx: Prisma.TransactionClient,
  audit: Audit,
  {
    sub,
    replaced,
    providerMs,
    ...begun
  }: Omit<Begun, "notices"> & { sub: string; replaced: number; providerMs: number },
  { isNew, isDeletionUndone }: { isNew: boolean; isDeletionUndone: boolean },
): Promise<void> {
  const { userId, sid, provider, issuer } = begun;
  const who = { userId, sid, provider, issuer, outcome: "success" } as const;
  const detail = { sub, first: isNew, replaced, providerMs, ...placeDetail() };
  await audit({ ...who, event: "sign_in.succeeded", detail });
  if (isDeletionUndone) await audit({ ...who, event: "account.deletion_undone" });
  await tellOfDevice(tx, audit, { ...begun, notices: isDeletionUndone ? ["deletion_undone"] : [] });
}
