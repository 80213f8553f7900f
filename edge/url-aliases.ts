/**
 * Further origins of `AUTH_URL_ALIASES`: what an origin begins with, and what it ends with where one label has a `*`; null
 * where it is one origin alone.
 */
export interface UrlAlias {
  before: string;
  after: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The aliases that a text names. The server refuses to start with faults in it, so that whatever is none is left out here. */
export function parseAliases(text: string | undefined): UrlAlias[] {
  return aliasEntries(text).flatMap((entry) => {
    if (!URL.canParse(entry)) return [];
    const [before = "", after = null] = new URL(entry).origin.split("*");
    return [{ before, after }];
  });
}

/** The single entries of such a text. */
export function aliasEntries(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((entry) => entry.trim() || []);
}

/** Whether one of the aliases is this origin, or a pattern that it fits. A `*` stands for a part of one label. */
export function isAlias(origin: string, aliases: readonly UrlAlias[]): boolean {
  return aliases.some(({ before, after }) => {
    if (after === null) return origin === before;
    if (!origin.startsWith(before) || !origin.endsWith(after)) return false;
    return /^[a-z0-9-]{1,63}$/.test(origin.slice(before.length, origin.length - after.length));
  });
}

/**
 * The aliases that this deployment itself is reached by. What `AUTH_URL_ALIASES` names whole is the operator's. Of a pattern
 * only those hosts are this deployment's that the platform says it has: a `Host` or `X-Forwarded-Host` that merely fits may
 * be anybody's, and is not to have a sign-in begun in its name.
 */
export function ownAliases(environment: Environment): string[] {
  const aliases = parseAliases(environment.AUTH_URL_ALIASES);
  // Vercel says both of each deployment. One of production is reached by the address that stays: its own would go on signing
  // users in for as long as it is kept, with the code of its day.
  const isPreview = environment.VERCEL && environment.VERCEL_ENV !== "production";
  const hosts = isPreview ? [environment.VERCEL_URL, environment.VERCEL_BRANCH_URL] : [];
  const deployed = hosts.flatMap((host) => (host ? originAt(host, "https:") : null) ?? []);
  return [
    ...aliases.filter(({ after }) => after === null).map(({ before }) => before),
    ...deployed.filter((origin) => isAlias(origin, aliases)),
  ];
}

/** The origin of a host by a scheme (`https:`), as a browser writes it; null for what is no host. */
export function originAt(host: string, scheme: string): string | null {
  return URL.canParse(`${scheme}//${host}`) ? new URL(`${scheme}//${host}`).origin : null;
}
