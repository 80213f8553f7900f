import "server-only";
import type { Preset } from "./preset";

/**
 * Sign in with Apple. Sources: https://developer.apple.com/documentation/signinwithapple/ (authenticating users with other
 * platforms: `form_post`, the `user` parameter at the first consent; creating a client secret; token revocation).
 */
export const apple: Preset = {
  names: { en: "Apple", ko: "Apple" },
  issuer: "https://appleid.apple.com",
  accountPage: "https://account.apple.com/",
  scope: "openid name email",
  // Asked for once name or email is.
  responseMode: "form_post",
  clientAuthentication: "signed_secret",
  signUp: false,
  tokenDialect: "plain",
  // It may be the text "true".
  emailProof: { claim: "email_verified", orText: true },
  idTokenAlg: "RS256",
};
