import "server-only";
import { env } from "./env";
import { isLoopbackHost } from "./loopback";

const longest = 2_000;

/**
 * A picture's address that a page may show: https, or http on loopback where that is allowed, and no longer than is kept. Null for
 * any other, such as one that holds a script.
 */
export function pictureAddress(address: string | null): string | null {
  if (!address || address.length > longest || !URL.canParse(address)) return null;
  const { protocol, hostname } = new URL(address);
  const isShown =
    protocol === "https:" || (protocol === "http:" && env().allowHttpLoopback && isLoopbackHost(hostname));
  return isShown ? address : null;
}
