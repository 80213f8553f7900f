/**
 * Where access tokens lie: three methods, of which none sees a token. What is kept is sealed already, bound to the id that it is
 * kept under and to its owner; ids are random, and which one is whose stands in PostgreSQL alone.
 *
 * Each may throw, or take its time: a token that is not to be had within 300 ms is fetched again from the provider.
 */
export interface AccessTokenStorage {
  /** Keeps a value until a moment, under an id that comes once. */
  put(id: string, sealed: string, expiresAt: Date): Promise<void>;
  /** The value, or null where there is none any more. */
  get(id: string): Promise<string | null>;
  /** Forgets some, whether they are there or not. */
  remove(ids: readonly string[]): Promise<void>;
}
