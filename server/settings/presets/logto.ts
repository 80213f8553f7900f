import "server-only";
import type { Preset } from "./preset";

/**
 * Logto. Sources: https://docs.logto.io/end-user-flows/authentication-parameters/first-screen (`first_screen`),
 * https://docs.logto.io/integrate-logto/integrate-logto-into-your-application/understand-authentication-flow (scopes, consent).
 */
export const logto: Preset = {
  names: { en: "Logto", ko: "Logto" },
  issuerForm: "https://<tenant>.logto.app/oidc",
  scope: "openid profile email offline_access roles urn:logto:scope:organizations urn:logto:scope:organization_roles",
  // Without it there is no refresh token (OpenID Connect Core 1.0, section 11). Its own apps' users see no page for it.
  prompt: "consent",
  signUp: { first_screen: "register" },
  tokenDialect: "resource",
  reservedResources: ["urn:logto:resource:organizations"],
};
