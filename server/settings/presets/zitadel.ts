import "server-only";
import type { Preset } from "./preset";

/**
 * ZITADEL. Sources: https://zitadel.com/docs/apis/openidoauth/scopes and …/claims: roles are an object whose keys are their names.
 * An API is named by the scope `urn:zitadel:iam:org:project:id:<project id>:aud`.
 */
export const zitadel: Preset = {
  names: { en: "ZITADEL", ko: "ZITADEL" },
  issuerForm: "https://<instance>.zitadel.cloud",
  accountPage: "{issuer}/ui/console/users/me",
  scope: "openid profile email offline_access urn:zitadel:iam:org:project:roles urn:zitadel:iam:user:resourceowner",
  signUp: { prompt: "create" },
  tokenDialect: "scopes",
  claims: { roles: "urn:zitadel:iam:org:project:roles", organizations: "urn:zitadel:iam:user:resourceowner:id" },
  revocation: "token",
};
