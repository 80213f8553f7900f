import "server-only";
import type { Preset } from "./preset";

/**
 * LINE Login. Sources: https://developers.line.biz/en/docs/line-login/integrate-line-login/ and
 * https://developers.line.biz/en/reference/line-login/ (`id_token_key_type`).
 */
export const line: Preset = {
  names: { en: "LINE", ko: "라인" },
  issuer: "https://access.line.me",
  scope: "openid profile email",
  // ID tokens of web logins would be signed with the client secret (HS256).
  tokenParameters: { id_token_key_type: "JWK" },
  idTokenAlg: "ES256",
  clientAuthentication: "client_secret_post",
  signUp: false,
  endpointHosts: ["api.line.me"],
  tokenDialect: "plain",
};
