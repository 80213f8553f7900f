/** Where this app's cookies live, as far as their names depend on it. */
export interface CookieSite {
  /** Whether people reach the app over https. */
  secure: boolean;
  /** The port of its public origin, where several apps of one loopback host have to be told apart; else null. */
  port: string | null;
}

const defaultPort = "3000";

/** The site of the app's public origin. Anything that is no address counts as the default one of development. */
export function cookieSite(authUrl: string): CookieSite {
  const url = URL.canParse(authUrl) ? new URL(authUrl) : null;
  if (!url || url.protocol === "https:") return { secure: url !== null, port: null };
  const port = url.port || "80";
  return { secure: false, port: port === defaultPort ? null : port };
}

/**
 * A cookie's whole name. Browsers keep the cookies of all ports of a host together (RFC 6265, section 8.5), so that on
 * loopback the port is in it. RFC 6265bis section 4.1.3.2: `__Host-` needs Secure, Path=/ and no Domain; loopback http has
 * no Secure cookies.
 */
export function cookieName({ secure, port }: CookieSite, name: "session" | "tx" | "signed-out" | "device"): string {
  return `${secure ? "__Host-" : ""}daemun.${name}${port === null ? "" : `.${port}`}`;
}

// The first characters of the hash of a `state`, base64url: what one sign-in's cookie is told from another's by.
const transactionMark = /^[\w-]{16}$/;

/** What a cookie of this name is under way for, or null for one that is not this app's transaction. */
export function transactionKind(site: CookieSite, name: string): "sign-in" | "connect" | null {
  const prefix = `${cookieName(site, "tx")}.`;
  if (!name.startsWith(prefix)) return null;
  const rest = name.slice(prefix.length);
  if (transactionMark.test(rest)) return "sign-in";
  return rest.startsWith("connect.") && transactionMark.test(rest.slice("connect.".length)) ? "connect" : null;
}
