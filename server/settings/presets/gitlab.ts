import "server-only";
import type { Preset } from "./preset";

/** GitLab. Source: https://docs.gitlab.com/integration/openid_connect_provider/ (scopes, `groups_direct` in ID tokens). */
export const gitlab: Preset = {
  names: { en: "GitLab", ko: "GitLab" },
  issuer: "https://gitlab.com",
  accountPage: "{issuer}/-/user_settings/profile",
  // A refresh token comes without asking.
  scope: "openid profile email",
  signUp: false,
  tokenDialect: "plain",
  claims: { organizations: ["groups_direct", "groups"] },
  revocation: "token",
  idTokenAlg: "RS256",
};
