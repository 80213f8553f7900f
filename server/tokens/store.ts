import "server-only";
import type { TokenTarget } from "../oidc/dialects";
import type { ProofKey } from "../oidc/dpop";
import type { Holder } from "./seal";

/** What a sign-in's token endpoint answered, verified. Times are absolute. */
export interface TokenSet {
  /** Null for one that is too long to be of use: nothing is kept of it. */
  accessToken: string | null;
  expiresAt: Date;
  scope: string;
  refreshToken: string | null;
  /** When the refresh token ends, where the provider says so. */
  refreshExpiresAt?: Date | null;
  /** Null where a service is no OpenID provider. */
  idToken: string | null;
  /** What the access token is bound to; null, or left out, for one that is not. */
  proofKey?: ProofKey | null;
}

/** Who a new grant is for, and where it comes from. */
export interface NewGrant {
  userId: string;
  /** Null for a connection. */
  sessionId: string | null;
  /** Null for a sign-in. */
  service: string | null;
  provider: string;
  issuer: string;
  /** Whom the service names; a session's row knows that of a sign-in. */
  subject?: string | null;
  /** What people call the account there, where a service says so. */
  accountLabel?: string | null;
}

/** An access token as it is kept. */
export interface KeptToken {
  accessToken: string;
  expiresAt: Date;
  /** What was granted, space-separated. */
  scope: string;
  /** Milliseconds since it was put into the store, by the store's clock. */
  ageMs: number;
  /** What it is bound to, its grant's key, where it is. */
  proofKey?: ProofKey;
}

/**
 * Whose grant it is: a session's, from its sign-in, or a person's, from connecting a service. With `issuer`, only one that
 * this issuer gave.
 */
export type GrantOwner = { sessionId: string } | { userId: string; service: string; issuer?: string };

/** A living grant, as whoever wants one of its tokens needs to see it. */
export interface GrantView {
  grantId: string;
  /** What the provider granted at the sign-in. */
  scope: string;
  /** Whether it came with a refresh token. */
  isRefreshable: boolean;
  /** Whether somebody refreshes it now. */
  isLeased: boolean;
  /** For how many seconds the provider is not to be asked; 0 where it may be. */
  retryAfterSeconds: number;
  /** How often it was refreshed. */
  refreshCount: number;
  /** Milliseconds since the provider last gave tokens for it, by the store's clock. */
  renewedMsAgo: number;
  /** Whom a connected service names; null for a sign-in, whose session knows, and where it names nobody. */
  subject: string | null;
  /** The token for the target; null where there is none. It may be past its end. */
  token: KeptToken | null;
}

/** The right to refresh a grant, until it is published, released, or over. */
export interface Lease {
  grantId: string;
  holder: string;
  /** How often the grant had been refreshed when this lease was taken. */
  refreshCount: number;
  /** Whose it is: what is sealed for it is bound to them. */
  owner: Holder;
  /** Null where the provider gave none. */
  refreshToken: string | null;
  /** The key of the grant, which its tokens may be bound to; null where none of them was yet. */
  proofKey: ProofKey | null;
  /** Whether somebody had it before who let it run out. */
  isInherited: boolean;
  /** Whether this refresh token was sent before, and nobody knows what became of that. */
  isUnanswered: boolean;
  /** Milliseconds since the provider last gave tokens for it, by the store's clock. */
  renewedMsAgo: number;
  /** Whether the refresh token is past the end that the provider gave it. */
  isPastEnd: boolean;
}

/** What a refreshed ID token says of the session's person. */
export interface RenewedUser {
  claims: Record<string, unknown>;
  roles: string[];
}

/** What a refresh brought. */
export interface Renewal {
  /** The one to use next time: a new one, or the same. */
  refreshToken: string;
  /** When that one ends, where the provider says so. */
  refreshExpiresAt?: Date | null;
  /** Null where the provider sent none: the one that is kept stays. */
  idToken: string | null;
  /** What the whole grant was narrowed to, or null where that was not said. */
  grantScope: string | null;
  /** What the session's row is to say from now on, or null where nothing changed. */
  user: RenewedUser | null;
  /** What was proved in the request, and is the grant's key from now on: once it has one, the same. Null, or left out, where nothing was. */
  proofKey?: ProofKey | null;
  /** Null where what came cannot be used. Bound to `proofKey`, where that is there. */
  token: { target: TokenTarget; accessToken: string; expiresAt: Date; scope: string } | null;
}

/** A token got in exchange for one of the grant's. Bound to `proofKey`, where that is there. */
export interface ExchangedToken {
  target: TokenTarget;
  accessToken: string;
  expiresAt: Date;
  scope: string;
  proofKey: ProofKey | null;
}

/** A grant taken out of the vault for good: what is left to tell the provider. Null where a seal does not open. */
export interface WithdrawnGrant {
  userId: string;
  sessionId: string | null;
  provider: string;
  /** Whom the provider names; null where it names nobody. */
  subject: string | null;
  /** Whose tokens these are; null where that is no longer known. */
  issuer: string | null;
  scope: string;
  refreshToken: string | null;
  idToken: string | null;
}

export interface WithdrawOptions {
  /** Whether the provider has to be told of a grant's end, by what was granted. */
  isToRevoke?: (scope: string) => boolean;
}

/**
 * Where grants and their tokens are kept, one living grant an owner. Every method is atomic, also across processes; one that is
 * about a lease does nothing once another refresh was published or the grant has ended.
 */
export interface TokenStore {
  /** Puts a sign-in's tokens in, or those of a connection. */
  deposit(owner: NewGrant, tokens: TokenSet): Promise<void>;
  /**
   * The owner's living grant, with its token for `target`. Null when there is none.
   *
   * @throws VaultError when the token, or what it is bound to, does not open
   */
  look(owner: GrantOwner, target: TokenTarget): Promise<GrantView | null>;
  /** What the provider granted with the owner's living grant, or null. */
  findScope(owner: GrantOwner): Promise<string | null>;
  /**
   * Takes the lease of a grant for so many milliseconds. Null when somebody else has it, when the provider is to be left
   * alone, unless `asksAnother` than that one, or when the grant has ended. It may be longer for who inherits one that somebody
   * let run out.
   *
   * @throws VaultError when the refresh token, or the key, does not open; the lease is not taken then
   */
  lease(
    grantId: string,
    holder: string,
    terms: { ms: number; inheritedMs: number; asksAnother?: boolean },
  ): Promise<Lease | null>;
  /** Keeps what a refresh brought, and gives the lease back. False when it came too late. */
  publish(lease: Lease, renewal: Renewal): Promise<boolean>;
  /**
   * Gives a lease back with nothing changed; the provider is left alone for so many seconds from now, if any. `isUnanswered`
   * notes that the refresh token was sent and that its answer is lost.
   */
  release(lease: Lease, retryAfterSeconds: number, options?: { isUnanswered?: boolean }): Promise<void>;
  /**
   * Keeps a token that was got without the refresh token, and gives the lease back: the grant is as it was. False when it came too
   * late.
   */
  keep(lease: Lease, token: ExchangedToken): Promise<boolean>;
  /** Gives a lease back because the provider refuses this target: a token that is kept for it is not to be used any more. */
  refuse(lease: Lease, target: TokenTarget): Promise<void>;
  /** Ends a grant that the provider no longer honours, and erases what refreshes and opens. False when the lease is another's. */
  end(lease: Lease, reason: string): Promise<boolean>;
  /**
   * Ends the grants of these owners and erases their tokens. Answers what they held. Refresh tokens that the provider has to be
   * told of are kept for that, in the same transaction; all, unless `isToRevoke` leaves some out.
   */
  withdraw(owners: readonly GrantOwner[], reason: string, options?: WithdrawOptions): Promise<WithdrawnGrant[]>;
  /** Keeps what userinfo said last of the owner. */
  keepUserInfo(owner: GrantOwner, claims: Record<string, unknown>): Promise<void>;
  /** What userinfo said with the owner's living grant at most so many seconds ago, or null. */
  findUserInfo(owner: GrantOwner, maxAgeSeconds: number): Promise<Record<string, unknown> | null>;
}
