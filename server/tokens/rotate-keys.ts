import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { auditAtOnce } from "../audit/audit";
import { db } from "../db/client";
import { env } from "../settings/env";
import { noteBrokenSeal } from "./broken-seal";
import { VaultError } from "./errors";
import { type Holder, openToken, type SealOwner, sealedUnder, sealToken } from "./seal";
import { type SealedPlace, sealedPlaces } from "./sealed-places";

/** What became of the sealed values that were not under the newest key. */
export interface Rotation {
  resealed: number;
  /** Those that failed authentication: changed, or moved from another row. They open under no key. */
  broken: number;
  /** Those under a key that is not configured. They wait for it. */
  unknown: number;
}

/**
 * Re-seals, in batches and while the app runs, whatever is not under the newest vault key in the version that is written. Interrupted, it goes on at
 * the next start: what is done no longer qualifies.
 *
 * @param progress is told after each batch
 */
export async function rotateVaultKeys(progress: (soFar: Rotation) => void, batch = 200): Promise<Rotation> {
  const newest = env().vaultKeys[0];
  if (!newest) throw new VaultError("KEY_MISSING");
  const rotation: Rotation = { resealed: 0, broken: 0, unknown: 0 };
  for (const place of sealedPlaces) {
    for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
      const rows = await findOthers(place, newest.id, after, batch);
      for (const row of rows) rotation[await reseal(place, row)] += 1;
      const last = rows.at(-1);
      if (!last) break;
      after = last.id;
      progress(rotation);
    }
  }
  const { resealed, broken, unknown } = rotation;
  await auditAtOnce({
    event: "vault.rotated",
    outcome: broken + unknown === 0 ? "success" : "failure",
    detail: { key: newest.id, resealed, broken, unknown },
  });
  return rotation;
}

interface SealedRow extends Holder {
  id: string;
  sealed: string;
}

function findOthers(place: SealedPlace, newestId: string, after: string, batch: number): Promise<SealedRow[]> {
  const column = Prisma.raw(`t."${place.stored}"`);
  return db.$queryRaw<SealedRow[]>`
    SELECT t.id, ${column} AS sealed, ${Prisma.raw(place.userId)} AS "userId", ${Prisma.raw(place.of)} AS of
    FROM ${Prisma.raw(place.from)}
    WHERE t.id > ${after}::uuid AND NOT starts_with(${column}, ${sealedUnder(newestId)}) ORDER BY t.id LIMIT ${batch}`;
}

async function reseal(place: SealedPlace, { id, sealed, userId, of }: SealedRow): Promise<keyof Rotation> {
  const { table, column, stored } = place;
  const owner: SealOwner = { table, id, column, userId, of };
  let token: string;
  try {
    token = openToken(sealed, owner);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    if (error.code === "KEY_UNKNOWN") return "unknown";
    await noteBrokenSeal(error, owner);
    return "broken";
  }
  // Only what is still there: a sign-out may have erased it meanwhile, and a refresh put another in its place.
  await db.$executeRaw`
    UPDATE ${Prisma.raw(`"${table}"`)} SET ${Prisma.raw(`"${stored}"`)} = ${sealToken(token, owner)}
    WHERE id = ${id}::uuid AND ${Prisma.raw(`"${stored}"`)} = ${sealed}`;
  return "resealed";
}
