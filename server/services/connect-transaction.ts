import "server-only";
import { z } from "zod";
import {
  hashState,
  openTransactionCookie,
  sealTransactionCookie,
  transactionCookieName,
} from "../sessions/transaction-cookies";

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

/** The connecting of one service under way, in a cookie of its own that is named after its `state`. */
export type ConnectTransaction = z.infer<typeof schema>;

export async function sealConnect(transaction: ConnectTransaction): Promise<string> {
  return sealTransactionCookie("connect", { ...transaction });
}

/** The transaction that `state` belongs to, out of this browser's cookies, or null. */
export async function readConnect(jar: ReadonlyMap<string, string>, state: string): Promise<ConnectTransaction | null> {
  const stateHash = hashState(state);
  const sealed = jar.get(transactionCookieName("connect", stateHash));
  const parsed = schema.safeParse(await openTransactionCookie("connect", sealed));
  return parsed.success && parsed.data.stateHash === stateHash ? parsed.data : null;
}
