import type { AccessTokenStorage } from "./token-storage";

/** The types of `daemun.hooks.ts`: what an app decides and does in code of its own. They stand at the edge because they import nothing but types. */

type Claims = Readonly<Record<string, unknown>>;

/** A sign-in that its provider has vouched for, and that configuration lets in. Nothing was written yet. */
export interface SignInAttempt {
  /** The provider's id. */
  provider: string;
  /** The ID token's claims, verified; of a provider without ID tokens, what userinfo said. */
  claims: Claims & { readonly sub: string };
  /** Null where the provider has no userinfo, or could not be asked. */
  userInfo: Claims | null;
  /** Whether it is this user's first sign-in at this provider. */
  isNew: boolean;
}

/**
 * What `onSignIn` answers: nothing lets the user in; `refuse` says why not, for the log alone; `claims` lets them in and goes
 * with the session as `session.appClaims`: a JSON object of up to 1,024 bytes.
 */
export type SignInDecision = { refuse: string } | { claims: Claims } | undefined;

/** What every event says. Nothing in it opens anything. */
export interface UserEvent {
  /** When it happened. */
  at: Date;
  /** The user's id in this app. */
  userId: string;
  /** The request that caused it, as log, audit trail and error pages name it; null for a command or the clean-up. */
  requestId: string | null;
}

export interface SignedIn extends UserEvent {
  provider: string;
  issuer: string | null;
  /** How the audit trail names the session (`session.hash`). */
  session: string | null;
  /** Whether it was this user's first sign-in: their account was made by it. */
  first: boolean;
}

export interface SignedOut {
  at: Date;
  /** Null where one logout token ended sessions of several users. */
  userId: string | null;
  requestId: string | null;
  provider: string | null;
  /** Of one that ended alone, or whose cookie asked for it; null where nobody knows one. */
  session: string | null;
  /** `user` pressed it, `provider` said so, `revoked` from another device, by an administrator or by a rule, `expired` by time. */
  by: "user" | "provider" | "revoked" | "expired";
  /** How many sessions ended with it. */
  sessions: number;
}

export interface Linked extends UserEvent {
  provider: string;
  issuer: string | null;
}

export interface TokenRefreshed extends UserEvent {
  provider: string;
  /** The API that the token is for; null for the provider's own. Never a token. */
  resource: string | null;
  organization: string | null;
}

export interface AccountDeleted {
  at: Date;
  /** Leads to nothing here any more. */
  userId: string;
  requestId: string | null;
}

export interface NewDevice extends UserEvent {
  provider: string;
  session: string | null;
  /** The browser in words, such as `Chrome, Windows`; a hint, never a fact. */
  device: string | null;
  /** As far as the host says. */
  country: string | null;
  city: string | null;
}

export interface Hooks {
  /**
   * Where access tokens lie that can be fetched again: in Redis at `REDIS_URL`, or in a storage of the app's own; in PostgreSQL, if
   * absent. Refresh tokens, leases and sessions are PostgreSQL's in any case.
   */
  tokenStore?: "redis" | AccessTokenStorage;
  /**
   * Asked at every sign-in before anything is written, and when an identity is linked, which knows no claims. It has three
   * seconds; without an answer by then, and where it throws or answers anything else, nobody is let in.
   */
  onSignIn?(
    attempt: SignInAttempt,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that answers nothing lets the user in.
  ): SignInDecision | void | Promise<SignInDecision | void>;

  // These are told once it is committed, after the answer. Each has five seconds. What they throw is a line in the log, and
  // nothing else. A process that dies before forgets them: what must not be missed is a webhook.
  onSignedIn?(event: SignedIn): unknown;
  onSignedOut?(event: SignedOut): unknown;
  onLinked?(event: Linked): unknown;
  onTokenRefreshed?(event: TokenRefreshed): unknown;
  onAccountDeleted?(event: AccountDeleted): unknown;
  onNewDevice?(event: NewDevice): unknown;
}

/** Gives `daemun.hooks.ts` its type. */
export function defineHooks(hooks: Hooks): Hooks {
  return hooks;
}
