import "server-only";
import { z } from "zod";
import { cookieName, cookieSite } from "@/edge/cookie-names";
import { createSealer, type Sealer } from "@/edge/sealing";
import { cookieHeader } from "../../http/cookie-jar";
import { redirectTo } from "../../http/error-reply";
import { env, findProvider } from "../../settings/env";
import { providerName } from "../provider-list";

export const signOutScopes = ["device", "provider", "everywhere"] as const;
export type SignOutScope = (typeof signOutScopes)[number];

/** What a sign-out did, as far as we know. */
export interface SignOutOutcome {
  scope: SignOutScope;
  providerName: string | null;
  /**
   * What became of the session at the provider: `ended` (it sent the person back), `unconfirmed` (it was asked, the
   * person came back another way), `unsupported`, `unreachable`, or `not_asked`.
   */
  provider: "ended" | "unsupported" | "unreachable" | "unconfirmed" | "not_asked";
  /** How many of our sessions ended. */
  endedCount: number;
  /** How many refresh tokens a provider could not be told to forget; ours are erased in any case. */
  tokensLeft: number;
  /** Where the account is deleted by it: when, or null where that is done. */
  deletion: { dueAt: string | null } | null;
  /** Where to go on to, since all that was asked for is done; null where the page has to be read. */
  returnTo: string | null;
}

const outcomeSeconds = 5 * 60;

const keptSchema = z.object({
  scope: z.enum(signOutScopes),
  // What the page calls it in its own language; a build of before says and reads the name alone.
  providerId: z.string().nullable().default(null),
  providerName: z.string().nullable(),
  provider: z.enum(["unsupported", "unreachable", "unconfirmed", "not_asked"]),
  endedCount: z.number(),
  // A build of before did not say.
  tokensLeft: z.number().default(0),
  deletion: z.object({ dueAt: z.iso.datetime().nullable() }).nullable().default(null),
  /** Where the sign-out leads to in the end, if not here. */
  returnTo: z.string().nullable().default(null),
  /** The `state` sent along to the provider; only its return proves that it was asked. */
  state: z.string().nullable(),
});

type KeptOutcome = z.input<typeof keptSchema>;

/** The page that tells what was ended and what was not; providers send browsers back to it. */
export const outcomePage = "/signed-out";

let sealer: Sealer | undefined;
function outcomeSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "sign-out");
  return sealer;
}

export function outcomeCookieName(): string {
  return cookieName(cookieSite(env().authUrl), "signed-out");
}

/** Sends the browser to the page that tells the outcome, or to `address` first, with the outcome in a cookie. */
export async function redirectWithOutcome(outcome: KeptOutcome, address: string = outcomePage): Promise<Response> {
  const value = await outcomeSealer().seal({ ...outcome }, Math.floor(Date.now() / 1000) + outcomeSeconds);
  const response = redirectTo(address);
  response.headers.append("Set-Cookie", cookieHeader(outcomeCookieName(), value, outcomeSeconds));
  return response;
}

/**
 * What the last sign-out of this browser did, or null when it did none lately.
 *
 * @param sealed the cookie of that name
 * @param state the `state` that the provider sent the person back with, if any
 * @param locale of the page that tells it
 */
export async function readSignOutOutcome(
  state: string | null,
  sealed: string | undefined,
  locale: string,
): Promise<SignOutOutcome | null> {
  const parsed = keptSchema.safeParse(sealed ? await outcomeSealer().open(sealed) : null);
  if (!parsed.success) return null;
  const { state: sent, providerId, returnTo, ...kept } = parsed.data;
  const outcome =
    providerId && findProvider(providerId) ? { ...kept, providerName: providerName(providerId, locale) } : kept;
  if (sent === null || sent !== state) return { ...outcome, returnTo: null };
  // With a session that was over, nothing has ended on other devices.
  const isDone = kept.scope !== "everywhere" || kept.endedCount > 0;
  return { ...outcome, provider: "ended", returnTo: isDone ? returnTo : null };
}

/** Whether this browser signed out lately. */
export async function hasSignedOut(sealed: string | undefined): Promise<boolean> {
  return sealed !== undefined && (await outcomeSealer().open(sealed)) !== null;
}
