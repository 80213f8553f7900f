import "server-only";
import type { IdTokenClaims } from "../oidc/id-token";
import type { ProviderSettings } from "../provider-settings";
import type { GrantOwner, RenewedPerson } from "./store";

/** Whose tokens: a session or a connection, and whom its provider has to name. */
export interface TokenOwner {
  grantOwner: GrantOwner;
  /** How the audit trail names the session in which this is asked. */
  sessionHash: string;
  userId: string;
  provider: ProviderSettings;
  issuer: string;
  /** Null where the provider names nobody. */
  subject: string | null;
}

/** What the broker leaves to whoever keeps sessions. */
export interface SessionHooks {
  /** What the session's row has to say after a refreshed ID token, or null to leave it. */
  renewPerson(owner: TokenOwner, idToken: IdTokenClaims): Promise<RenewedPerson | null>;
  /** The provider answered for another person: this session has to end. */
  endSwitched(owner: TokenOwner, cause: string): Promise<void>;
}
