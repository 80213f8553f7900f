import "server-only";
import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { type SealOwner, sealToken } from "../tokens/seal";
import type { SigningAlgorithm } from "./signers";

/** A key as it is kept, with its times as the database's clock tells them. */
export interface KeptKey {
  /** Its `kid`. */
  id: string;
  algorithm: SigningAlgorithm;
  publicKey: JWK;
  sealedPrivateKey: string;
  /** Milliseconds until it may sign; 0 or less where it may. */
  signsInMs: number;
  /** Milliseconds since it was made. */
  ageMs: number;
  /** Milliseconds until it is published no more; null while no other has been made. */
  endsInMs: number | null;
}

/** Seconds for which a key is published before it signs: longer than services keep the key set that they know. */
export const leadSeconds = 3_600;
// After the one before it has signed last: a process reads keys again every few seconds, and then the longest assertion ends,
// by the clock of whoever verifies it.
const overlapSeconds = 900;

// Whoever makes keys comes one after the other, whatever the instance.
const keysLock = 7_331_071;

/** Every key that is published now, the one made last first. One query. */
export function readKeys(tx: Prisma.TransactionClient = db): Promise<KeptKey[]> {
  return tx.$queryRaw<KeptKey[]>`
    SELECT id, algorithm, "publicKey", "sealedPrivateKey",
      (extract(epoch FROM "signsFrom" - clock_timestamp()) * 1000)::float8 AS "signsInMs",
      (extract(epoch FROM clock_timestamp() - "createdAt") * 1000)::float8 AS "ageMs",
      (extract(epoch FROM "expiresAt" - clock_timestamp()) * 1000)::float8 AS "endsInMs"
    FROM "SigningKey" WHERE "expiresAt" IS NULL OR "expiresAt" > clock_timestamp()
    ORDER BY "createdAt" DESC, id`;
}

/** Makes the first key of each of these algorithms that has none. Any number of instances at once make one. */
export async function makeFirstKeys(algorithms: readonly SigningAlgorithm[]): Promise<void> {
  await audited(async (tx, audit) => {
    await lock(tx);
    const known = await readKeys(tx);
    for (const algorithm of algorithms) {
      if (known.some((key) => key.algorithm === algorithm && key.endsInMs === null)) continue;
      // Nobody knows another yet, and whoever meets a name that they do not know asks for the key set.
      const id = await insert(tx, algorithm, 0);
      await audit({ event: "signing.key_made", outcome: "success", detail: { algorithm, key: id } });
    }
  });
}

export type KeyRotation =
  | { kind: "made"; key: string; signsInSeconds: number; former: number }
  /** One that was made before does not sign yet. */
  | { kind: "waiting"; key: string; signsInSeconds: number };

/**
 * Makes the key that takes the place of the one that signs: published at once, it signs an hour later, and the former stays
 * published until all that it signed has ended. Those whose time is over are deleted.
 *
 * @param atOnce for a key that somebody else may have: the new one signs now, and every other is withdrawn
 */
export async function rotateSigningKey(
  algorithm: SigningAlgorithm,
  { atOnce = false }: { atOnce?: boolean } = {},
): Promise<KeyRotation> {
  return audited(async (tx, audit) => {
    await lock(tx);
    await tx.$executeRaw`DELETE FROM "SigningKey" WHERE "expiresAt" <= clock_timestamp()`;
    const all = (await readKeys(tx)).filter((key) => key.algorithm === algorithm);
    const waiting = all.find(({ signsInMs }) => signsInMs > 0);
    if (waiting && !atOnce)
      return { kind: "waiting", key: waiting.id, signsInSeconds: Math.ceil(waiting.signsInMs / 1000) };
    const signsInSeconds = atOnce || all.length === 0 ? 0 : leadSeconds;
    if (atOnce) await tx.$executeRaw`DELETE FROM "SigningKey" WHERE algorithm = ${algorithm}`;
    else
      await tx.$executeRaw`
        UPDATE "SigningKey"
        SET "expiresAt" = clock_timestamp() + make_interval(secs => ${leadSeconds + overlapSeconds}::double precision)
        WHERE algorithm = ${algorithm} AND "expiresAt" IS NULL`;
    const key = await insert(tx, algorithm, signsInSeconds);
    await audit({ event: "signing.key_made", outcome: "success", detail: { algorithm, key, atOnce } });
    return { kind: "made", key, signsInSeconds, former: all.length };
  });
}

/** Whose a sealed private key is: it opens in no other row, and for no other algorithm. */
export function keyOwner({ id, algorithm }: Pick<KeptKey, "id" | "algorithm">): SealOwner {
  return { table: "SigningKey", id, column: "privateKey", userId: null, of: algorithm };
}

async function lock(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(${keysLock})::text`;
}

async function insert(
  tx: Prisma.TransactionClient,
  algorithm: SigningAlgorithm,
  signsInSeconds: number,
): Promise<string> {
  const id = randomUUID();
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const publicKey = JSON.stringify(await exportJWK(pair.publicKey));
  const privateKey = JSON.stringify(await exportJWK(pair.privateKey));
  await tx.$executeRaw`
    INSERT INTO "SigningKey" (id, algorithm, "publicKey", "sealedPrivateKey", "signsFrom", "createdAt")
    VALUES (${id}::uuid, ${algorithm}, ${publicKey}::jsonb, ${sealToken(privateKey, keyOwner({ id, algorithm }))},
      clock_timestamp() + make_interval(secs => ${signsInSeconds}::double precision), clock_timestamp())`;
  return id;
}
