import "server-only";
import { type KeptKey, keyOwner } from "../signing/key-store";
import { signingAlgorithms } from "../signing/signers";
import { openToken } from "../tokens/seal";
import type { Ask } from "./database";
import { type Finding, found } from "./findings";

const oldDays = 180;

type Row = Pick<KeptKey, "id" | "algorithm" | "sealedPrivateKey"> & { days: number; signs: boolean };

/** The keys that this app signs its assertions with: whether they open, and how old they are. Nothing where it signs none. */
export async function examineSigningKeys(ask: Ask): Promise<Finding[]> {
  const needed = signingAlgorithms();
  if (needed.length === 0) return [];
  const keys = await ask<Row>(
    `SELECT id::text, algorithm, "sealedPrivateKey", "signsFrom" <= clock_timestamp() AS signs,
       floor(extract(epoch FROM clock_timestamp() - "createdAt") / 86400)::int AS days
     FROM "SigningKey" WHERE "expiresAt" IS NULL OR "expiresAt" > clock_timestamp() ORDER BY "createdAt" DESC, id`,
  );
  return needed.flatMap((algorithm) => {
    const ofIt = keys.filter((key) => key.algorithm === algorithm);
    const signing = ofIt.find(({ signs }) => signs);
    if (!signing) return [found("signingKeysNone", { algorithm })];
    const closed = ofIt.filter((key) => !isOpen(key));
    if (closed.length > 0) return closed.map(({ id }) => found("signingKeyClosed", { algorithm, key: id }));
    const facts = { algorithm, key: signing.id, days: signing.days, count: ofIt.length };
    return [found(facts.days > oldDays ? "signingKeyOld" : "signingKeysGood", facts)];
  });
}

function isOpen(key: Row): boolean {
  try {
    return openToken(key.sealedPrivateKey, keyOwner(key)) !== "";
  } catch {
    return false;
  }
}
