import { signInAddress } from "@/edge/return-path";
import type { Ending } from "./watch-view";

/** Where somebody signs in again to return to `here`; the browser carries the fragment along. */
export function signInFrom(here: Pick<Location, "pathname" | "search" | "hash">, code?: "session_expired"): string {
  return signInAddress(here.pathname + here.search, code) + here.hash;
}

const reloadedFrom = "daemun.reloaded-from";

/** Whether this page is what a reload on account of another session brought, and yet the session is still `key`. */
export function wasReloadedFrom(key: string): boolean {
  try {
    return sessionStorage.getItem(reloadedFrom) === key;
  } catch {
    return false;
  }
}

/** Goes where the session's end leads. Where the server does not answer it stays: a broken page would help nobody. */
export function depart(why: Ending, key: string): void {
  // The server's rendering of the page lies about in the document, names and all.
  for (const script of document.querySelectorAll("script:not([src])")) script.remove();
  switch (why) {
    case "unreachable":
      break;
    case "signed-out":
      location.replace("/signed-out");
      break;
    case "found-again":
      location.reload();
      break;
    case "replaced":
      if (mayReload(key)) location.reload();
      break;
    case "expired":
    case "ended":
      // The sign-in page says by itself why it is there, and where it leads to then is already in its address.
      if (location.pathname === "/sign-in") location.reload();
      // The app knows better why, if the cookie is still there to ask with.
      else location.replace(signInFrom(location, why === "expired" ? "session_expired" : undefined));
  }
}

/** Once a session: whatever goes wrong, a page that reloads itself for ever is worse. */
function mayReload(key: string): boolean {
  try {
    sessionStorage.setItem(reloadedFrom, key);
    return true;
  } catch {
    return false;
  }
}
