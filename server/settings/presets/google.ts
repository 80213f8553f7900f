import "server-only";
import type { Preset } from "./preset";

/**
 * Google. Sources: https://developers.google.com/identity/openid-connect/openid-connect (endpoints' hosts, prompts, `hd`),
 * https://developers.google.com/identity/protocols/oauth2/web-server (`access_type`, refresh tokens, revocation).
 */
export const google: Preset = {
  names: { en: "Google", ko: "Google" },
  issuer: "https://accounts.google.com",
  accountPage: "https://myaccount.google.com/personal-info",
  // It gives refresh tokens for access_type=offline, at the first consent alone, and refuses the scope offline_access.
  scope: "openid profile email",
  authorizationParameters: { access_type: "offline" },
  prompt: "select_account",
  // It refuses any value but none, consent and select_account.
  freshPrompt: "select_account",
  signUp: false,
  endpointHosts: ["oauth2.googleapis.com", "www.googleapis.com", "openidconnect.googleapis.com"],
  tokenDialect: "plain",
  // Of the whole API project, for all its clients.
  revocation: "grant",
  idTokenAlg: "RS256",
};
