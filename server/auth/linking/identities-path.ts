import "server-only";

/** The page of sign-in methods. */
export const identitiesPath = "/account/identities";

/** The same, to say there that an identity of `provider` was linked: the page reads from the rows whether that is so. */
export function linkedPath(provider: string): string {
  return `${identitiesPath}?${new URLSearchParams({ linked: provider })}`;
}
