import "server-only";
import type { IdTokenClaims } from "../oidc/id-token";
import type { ProviderSettings } from "../provider-settings";
import type { RenewedPerson } from "./store";

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
  /** What the session's row has to say after a refreshed ID token, or null to leave it. */
  renewPerson(owner: TokenOwner, idToken: IdTokenClaims): Promise<RenewedPerson | null>;
  /** The provider answered for another person: this session has to end. */
  endSwitched(owner: TokenOwner, cause: string): Promise<void>;
}
