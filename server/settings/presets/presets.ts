import "server-only";
import type { ProviderType } from "@/edge/provider-ids";
import { apple } from "./apple";
import { auth0 } from "./auth0";
import { cognito } from "./cognito";
import { discord } from "./discord";
import { entra } from "./entra";
import { github } from "./github";
import { gitlab } from "./gitlab";
import { google } from "./google";
import { kakao } from "./kakao";
import { keycloak } from "./keycloak";
import { line } from "./line";
import { logto } from "./logto";
import { naver } from "./naver";
import { oidc } from "./oidc";
import { okta } from "./okta";
import type { Preset } from "./preset";
import { slack } from "./slack";
import { zitadel } from "./zitadel";

/** The kinds of providers, by the name that `AUTH_<ID>_TYPE` takes. */
export const presets = {
  oidc,
  apple,
  auth0,
  cognito,
  discord,
  entra,
  github,
  gitlab,
  google,
  kakao,
  keycloak,
  line,
  logto,
  naver,
  okta,
  slack,
  zitadel,
} as const satisfies Record<ProviderType, Preset>;
