import "server-only";
import { isIP, isIPv4, isIPv6 } from "node:net";

// Longer than any address with its zone and port.
const longest = 100;

/**
 * An address in its one spelling, however a proxy wrote it: `203.0.113.7:4711`, `[2001:DB8::7]:4711`, `fe80::1%eth0`.
 * IPv6 is written as RFC 5952 says; IPv4 within it (RFC 4291, section 2.5.5.2) is IPv4 to people.
 *
 * @returns null for what is no address
 */
export function parseAddress(text: string): string | null {
  if (text.length > longest) return null;
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  const bare = bracketed ?? (isIP(text) ? text : text.replace(/:\d{1,5}$/, ""));
  const [address = ""] = bare.split("%", 1);
  if (isIPv4(address)) return bracketed === undefined ? address : null;
  if (!isIPv6(address)) return null;
  return mappedIpv4(ipv6Groups(address)) ?? new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/**
 * What limits count in place of an address: all of one subscriber. Of IPv6 that is a /64, within which anybody takes
 * whatever address they like (RFC 7721). What a translator made of IPv4 (RFC 6052, section 2.1) counts as that.
 *
 * @param address as {@link parseAddress} gives it
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const groups = ipv6Groups(address);
  const isTranslated = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (isTranslated) return lastAsIpv4(groups);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of a valid IPv6 address in any of its spellings. */
export function ipv6Groups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const [before, after] = [readGroups(head), readGroups(tail ?? "")];
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(gap).fill(0), ...after];
}

/** The IPv4 address that an IPv6 one stands for, over a dual-stack socket, or null. */
export function mappedIpv4(groups: readonly number[]): string | null {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff ? lastAsIpv4(groups) : null;
}

function lastAsIpv4(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
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
