import "server-only";
import { cookies } from "next/headers";
import { z } from "zod";
import { cookieName, cookieSite } from "@/edge/cookie-names";
import { defaultReturnPath, parseReturnPath } from "@/edge/return-path";
import { createSealer, type Sealer } from "@/edge/sealing";
import { cookieHeader } from "../../http/cookie-jar";
import { findReturnPath, longestInCookie } from "../../sessions/cookies/return-paths";
import { transactionSeconds } from "../../sessions/cookies/transaction-cookies";
import { env, findProvider } from "../../settings/env";
import type { Transaction } from "../sign-in/transaction";

const schema = z.object({
  provider: z.string(),
  /** Of the sign-in that was refused: a long return path is kept under it. */
  stateHash: z.string(),
  returnTo: z.string().nullable(),
});

/** What a browser wanted that came with an identity whose address another one's user has. */
export interface LinkIntent {
  /** The provider whose identity is to be linked. */
  provider: string;
  /** Where the refused sign-in led to; null where it was nowhere in particular. */
  returnTo: string | null;
}

let sealer: Sealer | undefined;
function intentSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "link-intent");
  return sealer;
}

function intentCookie(): string {
  return cookieName(cookieSite(env().authUrl), "linking");
}

/**
 * Keeps, on the answer that refuses a sign-in with `account_not_linked`, what its browser wanted: whoever then signs in the
 * usual way finds that provider chosen on `/account/identities`. It says nothing of who came back, and links nothing.
 */
export async function keepIntent(
  response: Response,
  { provider, stateHash, returnTo }: Pick<Transaction, "provider" | "stateHash" | "returnTo">,
): Promise<void> {
  const kept = { provider, stateHash, returnTo: returnTo.length > longestInCookie ? null : returnTo };
  const sealed = await intentSealer().seal(kept, Math.floor(Date.now() / 1000) + transactionSeconds);
  response.headers.append("Set-Cookie", cookieHeader(intentCookie(), sealed, transactionSeconds));
}

/** Takes it away again. */
export function dropIntent(response: Response): Response {
  response.headers.append("Set-Cookie", cookieHeader(intentCookie(), "", 0));
  return response;
}

/** What this browser wanted lately, or null. */
export async function getLinkIntent(): Promise<LinkIntent | null> {
  const sealed = (await cookies()).get(intentCookie())?.value;
  const parsed = schema.safeParse(sealed ? await intentSealer().open(sealed) : null);
  if (!parsed.success) return null;
  const { stateHash, ...kept } = parsed.data;
  const provider = findProvider(kept.provider)?.id;
  if (provider === undefined) return null;
  const returnTo = parseReturnPath(kept.returnTo ?? (await findReturnPath(stateHash)));
  return { provider, returnTo: returnTo === defaultReturnPath ? null : returnTo };
}
