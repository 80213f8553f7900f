import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { createSealer, type Sealer } from "@/edge/sealing";
import { env } from "../env";

/** Seconds between leaving for the provider and coming back. */
export const transactionSeconds = 15 * 60;

const atMost = 5;
// Cookies travel with every request; five long return paths would not fit what servers take.
const atMostBytes = 6000;

const stepUpSchema = z.object({
  /** Who has to come back: the provider's `sub`. */
  subject: z.string(),
  maxAgeSeconds: z.number().nullable(),
  acr: z.string().nullable(),
  /** What the person was doing, to be done once it is known to be them: see `end-devices.ts`. */
  end: z.string().nullable(),
});

const transactionSchema = z.object({
  provider: z.string(),
  /** SHA-256 of the `state`, base64url. */
  stateHash: z.string(),
  /** RFC 7636 code verifier. */
  verifier: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  /** UNIX seconds, to the millisecond. */
  startedAt: z.number(),
  /** "Keep me signed in" was ticked. */
  remember: z.boolean().default(false),
  /** For a sign-in that a signed-in person was asked for. */
  stepUp: stepUpSchema.nullable().default(null),
});

/**
 * One sign-in under way: what has to be the same when the person comes back. Each has its own cookie, named after its
 * `state`, so that sign-ins in several tabs do not disturb each other.
 */
export type Transaction = z.infer<typeof transactionSchema>;

let sealer: Sealer | undefined;
function transactionSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "transaction");
  return sealer;
}

export function hashState(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

function prefix(): string {
  return `${env().secure ? "__Host-" : ""}daemun.tx.`;
}

/** The cookie in which the transaction of this `state` lives. */
export function transactionCookieName(stateHash: string): string {
  return prefix() + stateHash.slice(0, 16);
}

export async function sealTransaction(transaction: Transaction): Promise<string> {
  return transactionSealer().seal({ ...transaction }, Math.floor(transaction.startedAt) + transactionSeconds);
}

/** The transaction that `state` belongs to, out of this browser's cookies, or null. */
export async function readTransaction(jar: ReadonlyMap<string, string>, state: string): Promise<Transaction | null> {
  const stateHash = hashState(state);
  const transaction = await openTransaction(jar.get(transactionCookieName(stateHash)));
  return transaction?.stateHash === stateHash ? transaction : null;
}

async function openTransaction(sealed: string | undefined): Promise<Transaction | null> {
  if (!sealed) return null;
  const parsed = transactionSchema.safeParse(await transactionSealer().open(sealed));
  return parsed.success ? parsed.data : null;
}

/** The transaction cookies to take away so that a new one of `newBytes` fits: unreadable ones, then the oldest. */
export async function surplusTransactions(jar: ReadonlyMap<string, string>, newBytes: number): Promise<string[]> {
  const ours = [...jar].filter(([name]) => name.startsWith(prefix()));
  const read = await Promise.all(
    ours.slice(0, 50).map(async ([name, value]) => ({
      name,
      bytes: name.length + value.length,
      startedAt: (await openTransaction(value))?.startedAt ?? 0,
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
