import "server-only";
import { z } from "zod";
import {
  hashState,
  openTransactionCookie,
  sealTransactionCookie,
  transactionCookieName,
} from "../sessions/transaction-cookies";

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

export async function sealTransaction(transaction: Transaction): Promise<string> {
  return sealTransactionCookie("transaction", { ...transaction });
}

/** The transaction that `state` belongs to, out of this browser's cookies, or null. */
export async function readTransaction(jar: ReadonlyMap<string, string>, state: string): Promise<Transaction | null> {
  const stateHash = hashState(state);
  const sealed = jar.get(transactionCookieName("transaction", stateHash));
  const parsed = transactionSchema.safeParse(await openTransactionCookie("transaction", sealed));
  return parsed.success && parsed.data.stateHash === stateHash ? parsed.data : null;
}
