import "server-only";
import type { Preset } from "./preset";

/**
 * Naver Login with OpenID Connect: its paths `/oauth2/…`, not the older `/oauth2.0/…`. Sources:
 * https://developers.naver.com/docs/login/devguide/ and https://nid.naver.com/.well-known/openid-configuration.
 */
export const naver: Preset = {
  names: { en: "Naver", ko: "네이버" },
  issuer: "https://nid.naver.com",
  accountPage: "https://nid.naver.com/user2/help/myInfo",
  scope: "openid profile",
  // It refuses HTTP Basic.
  clientAuthentication: "client_secret_post",
  sendsState: true,
  signUp: false,
  endpointHosts: ["openapi.naver.com"],
  tokenDialect: "plain",
  // {resultcode, message, response: {id, email, …}}: without `sub`, and nobody says that `id` is the same.
  userInfo: { member: "response", hasSubject: false },
  emailProof: "never",
  idTokenAlg: "RS256",
};
