import "server-only";
import type { Preset } from "./preset";

/**
 * Any OpenID Connect provider. Nobody knows which take `prompt=consent`, without which OpenID Connect Core 1.0, section 11,
 * gives no refresh token: `AUTH_<ID>_PROMPT=consent` says it, and the log asks for it where one is missed.
 */
export const oidc: Preset = {
  scope: "openid profile email",
  // Some refuse a whole sign-in for a scope that they do not know (Django OAuth Toolkit, Cognito).
  scopesWhereSupported: ["offline_access"],
  tokenDialect: "resource",
};
