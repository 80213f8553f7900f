import "server-only";
import { randomUUID } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import { type SealOwner, sealToken } from "./seal";
import { openOrNull } from "./sealed-row";

/** A refresh token that is not used any more, of whom the provider has to hear. */
export interface Revocable {
  userId: string | null;
  provider: string;
  /** Who issued it; null where that is no longer known. */
  issuer: string | null;
  /** Whom the provider names, as far as it is known. */
  subject: string | null;
  refreshToken: string | null;
}

// As long as a user may stay signed in somewhere else, several times over.
const keptMs = 180 * 86_400_000;

/** Keeps refresh tokens, sealed, until their provider was told of their end: see docs/decisions/0035. Answers the rows' ids. */
export async function keepForRevocation(
  tx: Pick<Prisma.TransactionClient, "revocation">,
  tokens: readonly Revocable[],
): Promise<string[]> {
  const expiresAt = new Date(Date.now() + keptMs);
  const rows = tokens.flatMap(({ userId, provider, issuer, subject, refreshToken }) => {
    // Of an issuer that is not known nobody can be told.
    if (refreshToken === null || issuer === null) return [];
    const id = randomUUID();
    const sealedToken = sealToken(refreshToken, revocationOwner({ id, userId, issuer }));
    return [{ id, userId, provider, issuer, subject, sealedToken, expiresAt }];
  });
  if (rows.length > 0) await tx.revocation.createMany({ data: rows });
  return rows.map(({ id }) => id);
}

/**
 * Takes a user who is being deleted out of the queue, in the transaction that deletes them: what waits there is kept without
 * user and subject, and sealed so. Nothing of theirs is left that a revocation could take along.
 *
 * @param subjects whom the providers name
 * @returns the rows, to tell the providers of
 */
export async function disownRevocations(
  tx: Pick<Prisma.TransactionClient, "revocation">,
  userId: string,
  subjects: readonly { issuer: string; subject: string }[],
): Promise<string[]> {
  const where = { OR: [{ userId }, ...subjects.map((subject) => ({ userId: null, ...subject }))] };
  const rows = await tx.revocation.findMany({ where });
  await tx.revocation.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  const disowned = rows.flatMap((row) => {
    const refreshToken = openOrNull(row.sealedToken, revocationOwner(row));
    return refreshToken === null ? [] : [{ ...row, userId: null, subject: null, refreshToken }];
  });
  return keepForRevocation(tx, disowned);
}

export function revocationOwner(row: { id: string; userId: string | null; issuer: string }): SealOwner {
  // Who is told of it is bound: a row that names another issuer sends that one nothing.
  return { table: "Revocation", id: row.id, column: "refreshToken", userId: row.userId, of: row.issuer };
}
