/*
 * Roles in the session cookie as digests of their names: short, of one length, and the same whatever gates there are. A
 * place in a list would mean another role as soon as the list changes.
 */

// No configured role begins with it, so that a name is never taken for a digest.
const mark = "~";
// Six bytes in base64.
const eachDigest = /.{8}/gs;

/** How many roles the gates may name together: so many digests fit into the cookie, whatever else is in it. */
export const mostGateRoles = 80;

// Configured names alone, so that it stays small.
const known = new Map<string, Promise<string>>();

/** The digest of a role's name, with its mark: 48 bits of SHA-256. Only configured names are digested, so nobody can choose one. */
export function digestRole(name: string): Promise<string> {
  const digest = known.get(name) ?? computeDigest(name);
  known.set(name, digest);
  return digest;
}

async function computeDigest(name: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))).subarray(0, 6);
  return (
    mark +
    btoa(String.fromCharCode(...bytes))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
  );
}

/** Whether a role in a cookie is one that only its digest stands for. */
export function isDigest(role: string): boolean {
  return role.startsWith(mark);
}

/** Writes digests as one text: the mark once, then all of them. */
export function joinDigests(digests: readonly string[]): string {
  return mark + digests.map((digest) => digest.slice(mark.length)).join("");
}

/** The roles in what a cookie lists: names as they stand, and digests each by itself. */
export function splitDigests(listed: readonly string[]): string[] {
  return listed.flatMap((entry) => {
    if (!isDigest(entry)) return [entry];
    const digests = entry.slice(mark.length).match(eachDigest) ?? [];
    return digests.map((digest) => mark + digest);
  });
}

/** Whether one of the `asked` roles is among the cookie's, by name or by digest. Any will do where none are asked for. */
export async function holdsRole(asked: readonly string[] | undefined, held: readonly string[]): Promise<boolean> {
  if (!asked || asked.some((role) => held.includes(role))) return true;
  if (!held.some(isDigest)) return false;
  const digests = await Promise.all(asked.map(digestRole));
  return digests.some((digest) => held.includes(digest));
}
