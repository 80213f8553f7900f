import "server-only";
import { z } from "zod";
import { createTransactions } from "../../sessions/cookies/transaction-cookies";
import { transactionSchema } from "../sign-in/transaction";

const schema = transactionSchema.extend({
  /** The public id of the session that began it: only that one can end it. */
  sessionId: z.string(),
  /** Whom the identity is linked to. */
  userId: z.string(),
});

/**
 * The linking of an identity under way. Sealed for this purpose, in a cookie of its own name: to an instance of before, which
 * would make a sign-in of it, it is nothing.
 */
export type LinkTransaction = z.infer<typeof schema>;

export const linkTransactions = createTransactions<LinkTransaction>("link", schema);
