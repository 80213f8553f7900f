import "server-only";
import { isIPv4, isIPv6 } from "node:net";
import { ipv6Groups, mappedIpv4 } from "../../http/ip-address";

/** Where a session began, as far as people need to know it. */
export type Place =
  | { kind: "unknown" }
  /** The machine that the app runs on. */
  | { kind: "loopback" }
  /** An address without its last part: enough to tell home from work, too little to find somebody's home. */
  | { kind: "network"; address: string };

/**
 * Shortens a client address: of IPv4 the last octet is hidden (`203.0.113.x`), of IPv6 all past the first 48 bits
 * (`2001:db8:1:…`), which is what a site is commonly given (RFC 6177).
 */
export function placeOf(ip: string | null): Place {
  const [address = ""] = (ip ?? "").split("%", 1);
  if (isIPv4(address)) return placeOfIpv4(address);
  if (!isIPv6(address)) return { kind: "unknown" };
  const groups = ipv6Groups(address);
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return { kind: "loopback" };
  const ipv4 = mappedIpv4(groups);
  if (ipv4 !== null) return placeOfIpv4(ipv4);
  const site = groups.slice(0, 3).map((group) => group.toString(16));
  return { kind: "network", address: `${site.join(":")}:…` };
}

function placeOfIpv4(address: string): Place {
  if (address.startsWith("127.")) return { kind: "loopback" };
  return { kind: "network", address: `${address.slice(0, address.lastIndexOf("."))}.x` };
}
