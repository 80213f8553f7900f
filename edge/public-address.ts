import { originAt } from "./url-aliases";

type HeaderReader = Pick<Headers, "get">;

/** The host that a request was sent to, as the browser or the last proxy names it. */
export function requestedHost(headers: HeaderReader): string | null {
  return headers.get("x-forwarded-host")?.split(",", 1)[0]?.trim() || headers.get("host");
}

/**
 * The origin that a request was sent to: one of the aliases by which this deployment is reached, else the public one, which
 * a proxy in front may have put another host in the place of.
 *
 * @param aliases what `ownAliases` says
 */
export function requestedOrigin(headers: HeaderReader, publicOrigin: string, aliases: readonly string[]): string {
  if (aliases.length === 0) return publicOrigin;
  return aliasAt(requestedHost(headers), publicOrigin, aliases) ?? publicOrigin;
}

function aliasAt(host: string | null, publicOrigin: string, aliases: readonly string[]): string | null {
  const origin = host === null ? null : originAt(host, `${publicOrigin.split(":", 1)[0]}:`);
  return origin !== null && origin !== publicOrigin && aliases.includes(origin) ? origin : null;
}

/**
 * Whether `host` is another name of the app than that of its public origin, by which nobody can sign in: `127.0.0.1` for
 * `localhost`, `www`, a preview's. The port does not count: cookies do not tell ports apart.
 *
 * A name that only machines use is none: many a proxy puts its upstream's in place of what the browser asked for, and to
 * be sent on would then never end.
 *
 * @param aliases what `ownAliases` says: people sign in there
 */
export function isOtherAddress(host: string | null, publicOrigin: string, aliases: readonly string[] = []): boolean {
  if (aliasAt(host, publicOrigin, aliases) !== null) return false;
  const [asked, own] = [hostnameOf(`http://${host}`), hostnameOf(publicOrigin)];
  if (!asked || !own || asked === own) return false;
  if (isLoopback(own)) return isLoopback(asked);
  return isPublicName(asked) && isPublicName(own);
}

function hostnameOf(address: string): string | null {
  return URL.canParse(address) ? new URL(address).hostname : null;
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function isPublicName(hostname: string): boolean {
  const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  return hostname.includes(".") && !isAddress && !/(?:^|\.)(?:localhost|local|internal|svc|lan)$/.test(hostname);
}
