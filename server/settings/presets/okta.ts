import "server-only";
import type { Preset } from "./preset";

/**
 * Okta. Sources: https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/ (scopes, claims) and
 * https://developer.okta.com/docs/guides/customize-tokens-groups-claim/main/ (`groups`). An authorization server there has one
 * audience: an API is named by its scopes.
 */
export const okta: Preset = {
  names: { en: "Okta", ko: "Okta" },
  issuerForm: "https://<organization>.okta.com/oauth2/default",
  accountPage: "{origin}/enduser/settings",
  scope: "openid profile email offline_access",
  signUp: false,
  tokenDialect: "scopes",
  claims: { roles: "groups" },
  revocation: "token",
};
