import "server-only";
import type { Preset } from "./preset";

/** Sign in with Slack. Source: https://docs.slack.dev/authentication/sign-in-with-slack/ (scopes, the team's claims). */
export const slack: Preset = {
  names: { en: "Slack", ko: "Slack" },
  issuer: "https://slack.com",
  accountPage: "https://my.slack.com/account/settings",
  scope: "openid profile email",
  clientAuthentication: "client_secret_post",
  signUp: false,
  tokenDialect: "plain",
  claims: { organizations: "https://slack.com/team_id" },
  idTokenAlg: "RS256",
};
