import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import type { ErrorCode } from "@/edge/error-codes";
import type { SessionClaims } from "@/edge/session-cookie";
import type { IdTokenClaims } from "../oidc/id-token";
import type { ProviderMetadata } from "../oidc/metadata";
import type { UserInfoClaims } from "../oidc/user-info";
import type { ProviderSettings } from "../provider-settings";
import type { TokenSet } from "../tokens/store";
import type { Transaction } from "./transaction";

/** What one sign-in knows while NextAuth carries it through. NextAuth's callbacks take no arguments of ours; this is how they get them. */
export interface SignInContext {
  provider: ProviderSettings;
  metadata: ProviderMetadata;
  /** Absent while the sign-in starts; there once the provider has sent the person back. */
  transaction?: Transaction;
  /** The session that this browser had before, which the new one takes the place of. */
  replaced?: SessionClaims | null;
  /** What the token endpoint gave, verified. */
  tokens?: TokenSet;
  idToken?: IdTokenClaims;
  /** Null where the provider has no userinfo or could not be asked. */
  userInfo?: UserInfoClaims | null;
  /** The cookie claims of the session that was opened. */
  opened?: SessionClaims;
  /** The first thing that went wrong, in the house's own words. */
  failure?: SignInFailure;
}

export interface SignInFailure {
  code: ErrorCode;
  /** A short word for the log and the audit row, never a value. */
  cause: string;
}

const storage = new AsyncLocalStorage<SignInContext>();

export function runSignIn<T>(context: SignInContext, work: () => Promise<T>): Promise<T> {
  return storage.run(context, work);
}

/** @throws Error when NextAuth is entered past the guarded handlers */
export function requireSignInContext(): SignInContext {
  const context = storage.getStore();
  if (!context) throw new Error("NextAuth was called outside a guarded handler.");
  return context;
}

export function getSignInContext(): SignInContext | null {
  return storage.getStore() ?? null;
}
