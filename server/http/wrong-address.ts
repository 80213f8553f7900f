import "server-only";
import { isOtherAddress, requestedHost } from "@/edge/public-address";
import { env } from "../settings/env";
import { log } from "./log";
import { ownOrigin } from "./same-origin";

/**
 * Whether a form came from a page of ours that was opened by another address than the app's own: where the browser says
 * the origin is, there this app answered. The cookies of a sign-in would be those of another host.
 */
export function isFromOtherAddress(headers: Pick<Headers, "get">): boolean {
  const origin = headers.get("origin") ?? "";
  if (!URL.canParse(origin) || origin === ownOrigin(headers)) return false;
  return new URL(origin).host === requestedHost(headers);
}

// Next bundles its entries apart from each other: module state would exist several times.
interface Noted {
  /** The host that was asked for last and was right: nearly every request asks for the same. */
  usual?: string | null;
  address?: true;
  cookies?: true;
}
const held = globalThis as typeof globalThis & { daemunNoted?: Noted };
function noted(): Noted {
  held.daemunNoted ??= {};
  return held.daemunNoted;
}

/** Says in the log, once in each process, that people open the app by another address than `AUTH_URL`. */
export function noteAddress(host: string | null, isKnownWrong = false): void {
  const state = noted();
  if (state.address || (host === state.usual && !isKnownWrong)) return;
  if (!isKnownWrong && !isOtherAddress(host, env().authUrl, env().ownAliases)) {
    state.usual = host;
    return;
  }
  state.address = true;
  log.warn("address.other", {
    host,
    auth_url: env().authUrl,
    cure: "Nobody can sign in there. Have that address redirected to AUTH_URL, or set AUTH_URL to it.",
  });
}

/** Says in the log, once in each process, that a browser sent a form back without the cookie that came with it. */
export function noteBlockedCookies(): void {
  if (noted().cookies) return;
  noted().cookies = true;
  log.warn("cookies.blocked", {
    cure: "That browser blocks cookies, or a proxy in front of the app drops them, or serves /sign-in from a cache.",
  });
}
