import type { AccessTokenStorage } from "./token-storage";

/** The types of `daemun.hooks.ts`: what an app decides in code of its own. They stand at the edge because they import nothing. */

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

export interface Hooks {
  /**
   * Where access tokens lie that can be got anew: in Redis at `REDIS_URL`, or in a storage of the app's own; in PostgreSQL, if
   * absent. Refresh tokens, leases and sessions are PostgreSQL's in any case.
   */
  tokenStore?: "redis" | AccessTokenStorage;
  /**
   * Asked at every sign-in before anything is written. Answers nothing to let the user in, or why not, for the log alone. It has
   * three seconds; without an answer by then, and where it throws, nobody is let in.
   */
  onSignIn?(
    attempt: SignInAttempt,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that answers nothing lets the user in.
  ): { refuse: string } | undefined | void | Promise<{ refuse: string } | undefined | void>;
}

/** Gives `daemun.hooks.ts` its type. */
export function defineHooks(hooks: Hooks): Hooks {
  return hooks;
}
