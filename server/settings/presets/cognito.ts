import "server-only";
import type { Preset } from "./preset";

/**
 * Amazon Cognito user pools. Sources: https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html,
 * …/logout-endpoint.html (`logout_uri`), …/amazon-cognito-user-pools-using-the-id-token.html (`cognito:groups`).
 *
 * The issuer is the pool, and the endpoints are on the pool's own domain: name it in `endpointHosts`.
 */
export const cognito: Preset = {
  names: { en: "Amazon Cognito", ko: "Amazon Cognito" },
  issuerForm: "https://cognito-idp.<region>.amazonaws.com/<pool id>",
  // It refuses offline_access, and gives a refresh token all the same.
  scope: "openid profile email",
  signUp: false,
  tokenDialect: "scopes",
  claims: { roles: "cognito:groups" },
  // Userinfo says it as text.
  emailProof: { claim: "email_verified", orText: true },
  revocation: "token",
  logout: { redirectParameter: "logout_uri", idTokenHint: false },
  idTokenAlg: "RS256",
};
