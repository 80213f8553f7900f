import "server-only";
import { z } from "zod";
import { createTransactions } from "../../sessions/cookies/transaction-cookies";

const stepUpSchema = z.object({
  /** Who has to come back: the provider's `sub`. */
  subject: z.string(),
  maxAgeSeconds: z.number().nullable(),
  acr: z.string().nullable(),
  /** What the person was doing, to be done once it is known to be them: see `end-devices.ts`. */
  end: z.string().nullable(),
});

export const transactionSchema = z.object({
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
  /** The provider was asked for a fresh authentication, because this browser's last session was ended from elsewhere. */
  fresh: z.boolean().default(false),
  /** For a sign-in that a signed-in person was asked for. */
  stepUp: stepUpSchema.nullable().default(null),
});

/** One sign-in under way: what has to be the same when the person comes back. */
export type Transaction = z.infer<typeof transactionSchema>;

export const transactions = createTransactions<Transaction>("transaction", transactionSchema);
