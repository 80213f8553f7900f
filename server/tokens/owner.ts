import "server-only";
import type { IdTokenClaims } from "../oidc/id-token";
import type { ProviderSettings } from "../settings/providers";
import type { Credential } from "./outcome";
import type { GrantOwner, Lease, RenewedUser } from "./store";

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
  renewUser(owner: TokenOwner, idToken: IdTokenClaims): Promise<RenewedUser | null>;
  /**
   * What the session's row has to say after a refresh, where its roles came from userinfo: asks that once more, with the token
   * that came. `token_needed` where it came for something else. Never throws.
   */
  renewRoles(owner: TokenOwner, token: Credential | null): Promise<"done" | "token_needed">;
  /**
   * The provider refuses the grant: it ends, and in the same transaction whatever that means to its owner. False, and nothing
   * was done, where the lease is another's by now.
   */
  endRefused(owner: TokenOwner, lease: Lease, cause: string): Promise<boolean>;
  /** The provider answered for another person: this session has to end. */
  endSwitched(owner: TokenOwner, cause: string): Promise<void>;
}
