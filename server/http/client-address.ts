import "server-only";
import type { IncomingMessage } from "node:http";
import { networkOf, parseAddress } from "./ip-address";

/** What is believed about where a request came from. */
export interface AddressTrust {
  /** How many proxies in front are ours; null where nobody said so, which is none. */
  trustedProxyHops: number | null;
  /** A header of the platform that holds the address alone. It comes before the hops. */
  header: string | null;
  /** Whether people reach the app over https, so that something may stand in front of it. */
  secure: boolean;
}

export interface ClientAddress {
  /** The client's address, or null where none can be told. */
  address: string | null;
  /** What limits by address count; null where they are off. */
  network: string | null;
}

/**
 * Whether addresses can be told apart. Over https with neither hops nor a header, something in front of the app may be the
 * peer of every request: a limit would then count everybody as one.
 */
export function tellsAddresses({ trustedProxyHops, header, secure }: AddressTrust): boolean {
  return header !== null || trustedProxyHops !== null || !secure;
}

/**
 * Reads where a request came from: the platform's header, else the `trustedProxyHops`-th address from the right of
 * `X-Forwarded-For`, else the socket's peer. What stands further left, anybody may have written.
 */
export function createAddressReader(trust: AddressTrust): (request: IncomingMessage) => ClientAddress {
  const isTold = tellsAddresses(trust);
  return (request) => {
    const peer = parseAddress(request.socket.remoteAddress ?? "");
    const address = believedAddress(request, trust, peer);
    // Who came around our proxies, or has something else stand there, is not without a limit for it.
    const counted = address ?? peer;
    return { address, network: isTold && counted !== null ? networkOf(counted) : null };
  };
}

function believedAddress(request: IncomingMessage, trust: AddressTrust, peer: string | null): string | null {
  const { header, trustedProxyHops } = trust;
  if (header !== null) return parseAddress(listed(request, header).at(-1) ?? "");
  if (!trustedProxyHops) return peer;
  return parseAddress(listed(request, "x-forwarded-for").at(-trustedProxyHops) ?? "");
}

/** Everything that a header lists, also when it came several times. */
export function listed(request: IncomingMessage, name: string): string[] {
  return [request.headers[name.toLowerCase()] ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((entry) => entry.trim());
}
