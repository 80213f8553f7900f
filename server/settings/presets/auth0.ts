import "server-only";
import type { Preset } from "./preset";

/**
 * Auth0. Sources: https://auth0.com/docs/authenticate/login/auth0-universal-login (`screen_hint`),
 * https://auth0.com/docs/get-started/apis/api-settings (`audience`), https://auth0.com/docs/manage-users/organizations
 * (`org_id`). Roles are wherever an Action puts them, under a name of yours: `claims.roles` says where.
 */
export const auth0: Preset = {
  names: { en: "Auth0", ko: "Auth0" },
  issuerForm: "https://<tenant>.<region>.auth0.com/",
  scope: "openid profile email offline_access",
  signUp: { screen_hint: "signup" },
  tokenDialect: "audience",
  claims: { organizations: "org_id" },
};
