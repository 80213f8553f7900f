import "server-only";
import { createHash } from "node:crypto";
import { createSealer, type Sealer } from "@/edge/sealing";
import { env } from "../env";

/** What somebody left this house for: to sign in, or to connect a service. */
export type TransactionPurpose = "transaction" | "connect";

/** Seconds between leaving for a provider or service and coming back. */
export const transactionSeconds = 15 * 60;

const atMost = 5;
// Cookies travel with every request; five long return paths would not fit what servers take.
const atMostBytes = 6000;

const sealers = new Map<TransactionPurpose, Sealer>();
function sealerFor(purpose: TransactionPurpose): Sealer {
  const sealer = sealers.get(purpose) ?? createSealer(env().sessionSecrets, purpose);
  sealers.set(purpose, sealer);
  return sealer;
}

/** SHA-256 of a `state`, base64url: what is kept of it. */
export function hashState(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

function prefix(): string {
  return `${env().secure ? "__Host-" : ""}daemun.tx.`;
}

// The gate tells them apart by it: while somebody signs in, it leaves the session cookie alone.
const marks = { transaction: "", connect: "connect." } as const;

/** The cookie in which the transaction of this `state` lives. */
export function transactionCookieName(purpose: TransactionPurpose, stateHash: string): string {
  return prefix() + marks[purpose] + stateHash.slice(0, 16);
}

/** @param startedAt UNIX seconds */
export function sealTransactionCookie(
  purpose: TransactionPurpose,
  transaction: { startedAt: number } & Record<string, unknown>,
): Promise<string> {
  return sealerFor(purpose).seal(transaction, Math.floor(transaction.startedAt) + transactionSeconds);
}

/** What was sealed for this purpose, or null for whatever is not ours or past its time. */
export function openTransactionCookie(purpose: TransactionPurpose, sealed: string | undefined) {
  return sealed ? sealerFor(purpose).open(sealed) : null;
}

/**
 * The transaction cookies to take away so that a new one of `newBytes` fits: unreadable ones, then the oldest, whatever
 * they are for.
 */
export async function surplusTransactions(jar: ReadonlyMap<string, string>, newBytes: number): Promise<string[]> {
  const ours = [...jar].filter(([name]) => name.startsWith(prefix()));
  const read = await Promise.all(
    ours.slice(0, 50).map(async ([name, value]) => ({
      name,
      bytes: name.length + value.length,
      startedAt: await startOf(name, value),
    })),
  );
  const newestFirst = read.sort((a, b) => b.startedAt - a.startedAt);
  let bytes = newBytes;
  let kept = 1;
  return newestFirst.flatMap(({ name, bytes: size, startedAt }) => {
    bytes += size;
    kept += 1;
    return startedAt > 0 && kept <= atMost && bytes <= atMostBytes ? [] : [name];
  });
}

async function startOf(name: string, sealed: string): Promise<number> {
  const purpose = name.startsWith(prefix() + marks.connect) ? "connect" : "transaction";
  const startedAt = (await openTransactionCookie(purpose, sealed))?.startedAt;
  return typeof startedAt === "number" ? startedAt : 0;
}
