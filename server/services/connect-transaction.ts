import "server-only";
import { z } from "zod";
import { createTransactions } from "../sessions/cookies/transaction-cookies";

const schema = z.object({
  service: z.string(),
  /** The public id of the session that began it: only that one can end it. */
  sessionId: z.string(),
  /** SHA-256 of the `state`, base64url. */
  stateHash: z.string(),
  /** RFC 7636 code verifier. */
  verifier: z.string(),
  /** Null where no ID token was asked for. */
  nonce: z.string().nullable(),
  /** What was asked for, space-separated. */
  scope: z.string(),
  returnTo: z.string(),
  /** UNIX seconds, to the millisecond. */
  startedAt: z.number(),
});

/** The connecting of one service under way. */
export type ConnectTransaction = z.infer<typeof schema>;

export const connectTransactions = createTransactions<ConnectTransaction>("connect", schema);
