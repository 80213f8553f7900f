import "server-only";
import type { Preset } from "./preset";

/**
 * Kakao Login with OpenID Connect, which has to be switched on in its console. Sources:
 * https://developers.kakao.com/docs/latest/en/kakaologin/rest-api and …/kakaologin/utilize (scopes, `prompt`, logout with the
 * Kakao account).
 */
export const kakao: Preset = {
  names: { en: "Kakao", ko: "카카오" },
  issuer: "https://kauth.kakao.com",
  accountPage: "https://accounts.kakao.com/",
  // Not `profile` and `email`. A refresh token comes without asking.
  scope: "openid profile_nickname profile_image account_email",
  clientAuthentication: "client_secret_post",
  signUp: { prompt: "create" },
  endpointHosts: ["kapi.kakao.com"],
  tokenDialect: "plain",
  // The ID token has an address only where Kakao has verified it.
  emailProof: "always",
  logout: {
    endpoint: "https://kauth.kakao.com/oauth/logout",
    redirectParameter: "logout_redirect_uri",
    idTokenHint: false,
  },
  idTokenAlg: "RS256",
};
