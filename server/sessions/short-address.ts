import "server-only";
import { isIPv4, isIPv6 } from "node:net";

/** Where a session began, as far as people need to know it. */
export type Place =
  | { kind: "unknown" }
  /** The machine that the app runs on. */
  | { kind: "loopback" }
  /** An address without its last part: enough to tell home from work, too little to find a door. */
  | { kind: "network"; address: string };

/**
 * Shortens a client address: of IPv4 the last octet is hidden (`203.0.113.x`), of IPv6 all past the first 48 bits
 * (`2001:db8:1:…`), which is what a site is commonly given (RFC 6177).
 */
export function placeOf(ip: string | null): Place {
  const [address = ""] = (ip ?? "").split("%", 1);
  if (isIPv4(address)) return placeOfIpv4(address);
  if (!isIPv6(address)) return { kind: "unknown" };
  const groups = groupsOf(address);
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return { kind: "loopback" };
  // IPv4 over a dual-stack socket (RFC 4291, section 2.5.5.2) is IPv4 to people.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return placeOfIpv4(groups.slice(6).flatMap(octetsOf).join("."));
  }
  const site = groups.slice(0, 3).map((group) => group.toString(16));
  return { kind: "network", address: `${site.join(":")}:…` };
}

function placeOfIpv4(address: string): Place {
  if (address.startsWith("127.")) return { kind: "loopback" };
  return { kind: "network", address: address.replace(/\d+$/, "x") };
}

/** The eight groups of a valid IPv6 address in any of its spellings. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const [before, after] = [readGroups(head), readGroups(tail ?? "")];
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(gap).fill(0), ...after];
}

function readGroups(text: string): number[] {
  return text
    .split(":")
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes(".")) return Number.parseInt(group, 16);
      const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
      return [a * 256 + b, c * 256 + d];
    });
}

function octetsOf(group: number): number[] {
  return [group >> 8, group & 255];
}
