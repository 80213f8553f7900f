import "server-only";
import { createSealer, type Sealer } from "@/edge/sealing";
import { errorReply, redirectTo } from "../../http/error-reply";
import { readForm } from "../../http/form-body";
import { storable } from "../../oidc/storable";
import { sealerAlong } from "../../sessions/aliases/ticket";
import { hashState, transactionSeconds } from "../../sessions/cookies/transaction-cookies";
import { env } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { authBasePath } from "../next-auth/next-auth";
import { auditFailedSignIn } from "./failed-sign-in";

// What an authorization response is read for (RFC 6749, section 4.1.2; RFC 9207), and how long each may be. What is longer is
// judged as what it is: too long (server/oidc/authorization-answer.ts).
const kept: Readonly<Record<string, number>> = {
  code: 4097,
  state: 2049,
  iss: 500,
  error: 100,
  error_description: 400,
};

/**
 * `POST /api/auth/callback/[provider]` of a provider that posts its answer. The browser brings it from the provider's page, and
 * so without our cookies, which are `SameSite=Lax`. So nothing is judged here: the browser is sent on to the `GET` of the same
 * address with the same answer, and brings them along, since a navigation by `GET` may. That one judges, and spends the state.
 *
 * Source: OAuth 2.0 Form Post Response Mode, section 2; RFC 9110, section 15.4.4 (303).
 */
export async function receivePostedAnswer(request: Request, provider: ProviderSettings): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") {
    await auditFailedSignIn(provider, { code: form, cause: "form" });
    return errorReply(request, form);
  }
  const answer = new URLSearchParams();
  for (const [name, longest] of Object.entries(kept)) {
    const value = form.get(name);
    if (value !== undefined) answer.set(name, value.slice(0, longest));
  }
  const name = nameIn(form.get("user"));
  if (name !== null) answer.set("user", await sealName(name, form.get("state") ?? ""));
  return redirectTo(`${authBasePath}/callback/${provider.id}?${answer}`);
}

/**
 * The name that Apple posts beside its answer, at a user's first consent alone: nobody has signed it, so it is shown and
 * nothing else. Source: https://developer.apple.com/documentation/signinwithapple/configuring-your-webpage-for-sign-in-with-apple
 */
function nameIn(user: string | undefined): string | null {
  if (user === undefined || user.length > 2000) return null;
  try {
    const { name } = JSON.parse(user) as { name?: { firstName?: unknown; lastName?: unknown } };
    const parts = [name?.firstName, name?.lastName].map((part) => (typeof part === "string" ? part.trim() : ""));
    const whole = storable(parts.filter(Boolean).join(" "));
    return typeof whole === "string" && whole !== "" ? whole.slice(0, 200).toWellFormed() : null;
  } catch {
    return null;
  }
}

let sealer: Sealer | undefined;
function nameSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "posted-name");
  return sealer;
}

// Sealed into the address, not kept in a cookie: it goes with this one answer and leaves nothing behind, no log and no history
// holds a name in the clear, and nobody can write one there. Bound to the state, so that it serves no other sign-in.
async function sealName(name: string, state: string): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1000) + transactionSeconds;
  return (await sealerAlong(state, nameSealer)).seal({ name, stateHash: hashState(state) }, expiresAt);
}

/** The name that came with a posted answer; null where none did, or with another answer. */
export async function postedName(parameters: ReadonlyMap<string, string>): Promise<string | null> {
  const sealed = parameters.get("user");
  if (sealed === undefined || sealed.length > 4096) return null;
  const state = parameters.get("state") ?? "";
  const claims = await (await sealerAlong(state, nameSealer)).open(sealed);
  const isOfThis = claims?.stateHash === hashState(state);
  return isOfThis && typeof claims.name === "string" ? claims.name : null;
}
