import "server-only";
import type { Preset } from "./preset";

/**
 * GitHub by OAuth 2.0: it gives no ID token. Sources:
 * https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (PKCE with S256) and
 * https://docs.github.com/rest/users/emails (addresses and whether they are verified).
 */
export const github: Preset = {
  names: { en: "GitHub", ko: "GitHub" },
  // What it says in `iss` (RFC 9207), letter for letter.
  issuer: "https://github.com/login/oauth",
  accountPage: "https://github.com/settings/profile",
  scope: "read:user user:email",
  // It is asked for parameters of the body, and knows one `prompt`.
  clientAuthentication: "client_secret_post",
  freshPrompt: "select_account",
  signUp: false,
  tokenDialect: "plain",
  // The profile's own address is whatever the user wrote there.
  emailProof: "never",
  oauth2: {
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    userinfoEndpoint: "https://api.github.com/user",
    emailsEndpoint: "https://api.github.com/user/emails",
    subject: "id",
  },
};
