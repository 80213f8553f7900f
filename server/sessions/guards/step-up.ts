import "server-only";
import { z } from "zod";
import { createSealer, type Sealer } from "@/edge/sealing";
import { env } from "../../settings/env";
import type { ActiveSession } from "../registry/active-session";
import { satisfyingContexts } from "../registry/policy";

/** How recent, and how strong, a sign-in has to be. */
export interface StepUp {
  /** Seconds since the person authenticated at the provider: its `auth_time` tells. */
  maxAgeSeconds?: number;
  /** Authentication contexts, separated by spaces: the provider's `acr` has to be one of them, or a stronger one. */
  acr?: string;
}

/**
 * Whether the session's own sign-in satisfies `asked`. A provider that did not say when, or how, the person
 * authenticated has not said that it was lately, or strongly.
 */
export function isConfirmed(
  { provider, claims, acr, authTime }: ActiveSession,
  asked: StepUp,
  now = new Date(),
): boolean {
  if (asked.acr !== undefined && (!acr || !satisfyingContexts(provider, asked.acr).includes(acr))) return false;
  if (asked.maxAgeSeconds === undefined) return true;
  // `authTime` is by our own clock, so that nothing is tolerated: the provider's was left out of it at the sign-in.
  const age = Math.floor((now.getTime() - authTime.getTime()) / 1000);
  return typeof claims.auth_time === "number" && age <= asked.maxAgeSeconds;
}

const requestSchema = z.object({
  /** The public id of the session that has to be confirmed. */
  session: z.string(),
  returnTo: z.string(),
  maxAgeSeconds: z.number().exactOptional(),
  acr: z.string().exactOptional(),
  /** Whether this is what a page asks once of a remembered session that its provider's grant did not outlive. */
  isConfirmation: z.boolean().exactOptional(),
});

type StepUpRequest = z.infer<typeof requestSchema>;

let sealer: Sealer | undefined;
function requestSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "step-up");
  return sealer;
}

// The browser follows the redirect at once.
const requestSeconds = 300;

/**
 * Where to send a browser so that its person confirms who they are. Sealed, because a page can only redirect, and an
 * address that starts a sign-in must not be anybody's to write.
 */
export async function stepUpAddress(
  session: ActiveSession,
  { maxAgeSeconds, acr, isConfirmation }: StepUp & Pick<StepUpRequest, "isConfirmation">,
  returnTo: string,
): Promise<string> {
  const request: StepUpRequest = {
    session: session.id,
    returnTo,
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(acr !== undefined && { acr }),
    ...(isConfirmation && { isConfirmation }),
  };
  const sealed = await requestSealer().seal(request, Math.floor(Date.now() / 1000) + requestSeconds);
  return `/api/session/step-up?request=${sealed}`;
}

/** The request in such an address, or null for what is not ours or too old. */
export async function parseStepUpRequest(sealed: string | undefined): Promise<StepUpRequest | null> {
  const parsed = requestSchema.safeParse(sealed && sealed.length <= 8192 ? await requestSealer().open(sealed) : null);
  return parsed.success ? parsed.data : null;
}
