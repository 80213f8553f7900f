import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { faultOf } from "./faults";
import type { IssuerState } from "./issuer-state";
import { mutateToken, shiftToken } from "./tokens/forge";

/**
 * The only outgoing request an issuer makes: a logout token to an application (OpenID Connect Back-Channel Logout 1.0
 * §2.5). Moves the token by the issuer's clock, applies faults of the endpoint `backchannel`, and keeps a copy.
 */
export async function deliverLogout(
  state: IssuerState,
  url: string | URL | Request,
  options: RequestInit = {},
): Promise<Response> {
  const form = new URLSearchParams(options.body instanceof URLSearchParams ? options.body : undefined);
  const original = form.get("logout_token");
  if (original === null)
    throw new Error(`identity provider ${state.id} makes no request other than back-channel logout`);

  const faults = state.faults.take("backchannel", undefined);
  const clientId = String(decodeJwt(original).aud);
  const mutation = faultOf(faults, "logout_token");
  const moved = shiftToken(state.keys, original, state.clock.offsetSeconds);
  const logoutToken = mutation
    ? mutateToken(state.keys, moved, mutation, state.clients.get(clientId)?.clientSecret)
    : moved;
  const lost = faultOf(faults, "reset") !== undefined;
  state.journal.recordIssued({ kind: "logout_token", clientId, logoutToken, delivered: !lost });
  const delay = faultOf(faults, "delay");
  if (delay) await sleep(delay.delayMs, undefined, { ref: false });
  if (lost) throw new Error("the logout token was lost on its way, as a fault asked for");
  return postLogoutToken(url, logoutToken, options.signal ?? undefined);
}

/** Posts a logout token. Loopback is where the applications are, so the library's guard against it is left out. */
export function postLogoutToken(
  url: string | URL | Request,
  logoutToken: string,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ logout_token: logoutToken }),
    ...(signal ? { signal } : {}),
  });
}
