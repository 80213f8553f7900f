import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { createSealer, type Sealer } from "@/edge/sealing";
import { env } from "../env";

/** Seconds between leaving for a service and coming back. */
export const connectSeconds = 15 * 60;

const schema = z.object({
  service: z.string(),
  /** The public id of the session that began it: only that one can end it. */
  sessionId: z.string(),
  /** SHA-256 of the `state`, base64url. */
  stateHash: z.string(),
  /** RFC 7636 code verifier. */
  verifier: z.string(),
  nonce: z.string(),
  /** What was asked for, space-separated. */
  scope: z.string(),
  returnTo: z.string(),
});

/** The connecting of one service under way, in a cookie of its own that is named after its `state`. */
export type ConnectTransaction = z.infer<typeof schema>;

let sealer: Sealer | undefined;
function connectSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "connect");
  return sealer;
}

export function hashState(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

/** Among the transaction cookies: a browser keeps no more than a few of them, whatever they are for. */
export function connectCookieName(stateHash: string): string {
  return `${env().secure ? "__Host-" : ""}daemun.tx.${stateHash.slice(0, 16)}`;
}

export function sealConnect(transaction: ConnectTransaction): Promise<string> {
  return connectSealer().seal(transaction, Math.floor(Date.now() / 1000) + connectSeconds);
}

/** The transaction that `state` belongs to, out of this browser's cookies, or null. */
export async function readConnect(jar: ReadonlyMap<string, string>, state: string): Promise<ConnectTransaction | null> {
  const stateHash = hashState(state);
  const sealed = jar.get(connectCookieName(stateHash));
  const parsed = schema.safeParse(sealed ? await connectSealer().open(sealed) : null);
  return parsed.success && parsed.data.stateHash === stateHash ? parsed.data : null;
}
