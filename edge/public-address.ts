type HeaderReader = Pick<Headers, "get">;

/** The host that a request was sent to, as the browser or the last proxy names it. */
export function requestedHost(headers: HeaderReader): string | null {
  return headers.get("x-forwarded-host")?.split(",", 1)[0]?.trim() || headers.get("host");
}

/**
 * Whether `host` is another name of the app than that of its public origin, by which nobody can sign in: `127.0.0.1` for
 * `localhost`, `www`, a preview's. The port does not count: cookies do not tell ports apart.
 *
 * A name that only machines use is none: many a proxy puts its upstream's in place of what the browser asked for, and to
 * be sent on would then never end.
 */
export function isOtherAddress(host: string | null, publicOrigin: string): boolean {
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
