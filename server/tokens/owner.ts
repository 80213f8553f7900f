import "server-only";
import type { IdTokenClaims } from "../oidc/id-token";
import type { ProviderSettings } from "../provider-settings";

/** Whose tokens: a session, and whom its provider has to name. */
export interface TokenOwner {
  /** The session's public id. */
  sessionId: string;
  /** How the audit trail names the session. */
  sessionHash: string;
  userId: string;
  provider: ProviderSettings;
  issuer: string;
  subject: string;
}

/** What the broker leaves to whoever keeps sessions. */
export interface SessionHooks {
  /** A refreshed ID token tells what the provider says of the person now. */
  renewClaims(owner: TokenOwner, idToken: IdTokenClaims): Promise<void>;
  /** The provider answered for another person: this session has to end. */
  endSwitched(owner: TokenOwner, cause: string): Promise<void>;
}
