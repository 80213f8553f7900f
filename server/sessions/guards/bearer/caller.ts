import "server-only";
import type { ActiveSession } from "../../registry/active-session";

/** What a route asks of an access token. */
export interface BearerRequirement {
  /**
   * What the token has to name in its `aud`. Left out, it is the address of the gate that lets tokens pass, without `/*`:
   * `https://app.example/api/reports`, which the metadata of `/.well-known/oauth-protected-resource` tells clients to ask for.
   */
  audience?: string;
  /** All of these have to be in it. */
  scopes?: readonly string[];
  /** Clients that it may have been given to; any, if absent. */
  clients?: readonly string[];
  /**
   * `known` takes only users who have signed in here, `any` also others, and clients that act for themselves. If absent, `any`
   * where everybody may sign in, else `known`.
   */
  users?: "known" | "any";
  /** The ids of the providers whose tokens count; those whose roles count here, if absent. */
  providers?: readonly string[];
}

/** Who calls a route with the option `bearer`: a browser by its session, or a client by an access token. */
export type Caller = SessionCaller | TokenCaller;

/** By the cookie. What changes something came from our own pages: `authenticated` has checked that. */
export interface SessionCaller {
  kind: "session";
  session: ActiveSession;
}

/** By an access token. There is no session: what asks for one answers as to a stranger. */
export interface TokenCaller {
  kind: "token";
  /** The user here whom the token is about; null for one who never signed in here, and for a client that acts for itself. */
  user: TokenUser | null;
  token: CallerToken;
}

export interface TokenUser {
  id: string;
  name: string | null;
  email: string | null;
}

/** What a verified access token says. The token itself is not among it. */
export interface CallerToken {
  /** The provider's id. */
  provider: string;
  issuer: string;
  /** The provider's `sub`. */
  subject: string;
  /** The client that it was given to; null where the provider does not say. */
  clientId: string | null;
  scopes: readonly string[];
  expiresAt: Date;
  /** Whether the caller has proved that they hold its key (RFC 9449). */
  isBound: boolean;
  /** All claims, as they came. */
  claims: Readonly<Record<string, unknown>>;
}
