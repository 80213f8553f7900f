import "server-only";

/** Whether an address is of one of these domains; a domain below one is another. */
export function coversAddress(domains: boolean | readonly string[], address: string): boolean {
  return typeof domains === "boolean" ? domains : domains.includes(domainOf(address));
}

/** What stands behind the last `@`, in lower case. */
function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
