import "server-only";
import type { Preset } from "./preset";

/**
 * Discord by OAuth 2.0. Source: https://docs.discord.com/developers/topics/oauth2 and …/resources/user (`id`, `verified`). It gives
 * no ID token to ordinary applications.
 */
export const discord: Preset = {
  names: { en: "Discord", ko: "Discord" },
  issuer: "https://discord.com",
  scope: "identify email",
  signUp: false,
  tokenDialect: "plain",
  emailProof: { claim: "verified" },
  oauth2: {
    authorizationEndpoint: "https://discord.com/oauth2/authorize",
    tokenEndpoint: "https://discord.com/api/oauth2/token",
    revocationEndpoint: "https://discord.com/api/oauth2/token/revoke",
    userinfoEndpoint: "https://discord.com/api/users/@me",
    subject: "id",
  },
};
