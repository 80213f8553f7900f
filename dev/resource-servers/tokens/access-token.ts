/** What a service knows of an access token after it has verified it. */
export interface AccessToken {
  /** The issuer; subjects are only unique within one (OIDC Core §2). */
  iss: string;
  sub: string;
  /** Empty where the token names none: an opaque one of a plain OAuth client. */
  aud: readonly string[];
  clientId: string | null;
  scopes: readonly string[];
  /** The claim `organization_id`. */
  organization: string | null;
  /** The key that it is bound to (`cnf.jkt`, RFC 9449 §6.1); null for a bearer token. */
  thumbprint: string | null;
}

/**
 * Verifies one access token.
 *
 * @throws Refusal (bearer.ts) for a token that is not good here, and Unavailable when that cannot be found out
 */
export type VerifyToken = (token: string) => Promise<AccessToken>;

/** Whether the person of a token still belongs to an organization. */
export type IsMember = (user: { iss: string; sub: string }, organization: string) => Promise<boolean>;

/** One string for a person: what is kept about somebody is kept under it. */
export function userKey({ iss, sub }: Pick<AccessToken, "iss" | "sub">): string {
  return JSON.stringify([iss, sub]);
}

/** The words of a space separated list: `scope`, or Entra's `scp`. */
export function wordsOf(list: unknown): string[] {
  return typeof list === "string" ? list.split(" ").filter(Boolean) : [];
}
