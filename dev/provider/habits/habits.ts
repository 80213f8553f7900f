import { z } from "zod";
import type { Dialect } from "../dialect";
import {
  apple,
  auth0,
  cognito,
  entra,
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
} from "./kinds";

type Claims = Record<string, unknown>;

/**
 * How a real provider differs from the standard, as its documentation has it: what it knows and refuses, and the form of what it
 * says. The development provider plays it for tests of the presets. It is stricter than the real one: whatever is not named here
 * is refused.
 */
export interface Habits {
  dialect: Dialect;
  /** The scopes that it knows, each with the standard's own of the same meaning. */
  scopes: Readonly<Record<string, string>>;
  /** The values of `prompt` that it knows. */
  prompts: readonly string[];
  /** Parameters of an authorization request that it knows besides the protocol's own. */
  parameters?: readonly string[];
  /** Without these a sign-in is refused. */
  needs?: Readonly<Record<string, string>>;
  /** Without these a code is not exchanged; null for any value. */
  exchangeNeeds?: Readonly<Record<string, string | null>>;
  /** How its token endpoint knows a client. */
  authentication: "client_secret_basic" | "client_secret_post" | "signed_secret";
  /** Members of its metadata; null for those that it has not. */
  metadata?: Claims;
  /** What it makes of the development provider's claims, in ID tokens and in userinfo. */
  idToken(claims: Claims): Claims;
  userInfo(claims: Claims): Claims;
  /** ID tokens are signed by a P-256 key where the exchange asks for it, else with the client secret: LINE's way. */
  signsByKeyType?: boolean;
  /** The parameter of its sign-out page that says where to come back to, and those that it knows besides. */
  signOut?: { redirect: string; known: readonly string[] };
}

const kinds = {
  apple,
  auth0,
  cognito,
  entra,
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
};

export const habitsSchema = z.enum(Object.keys(kinds) as [keyof typeof kinds, ...(keyof typeof kinds)[]]);

/** Whose habits an issuer can have. */
export type HabitsName = z.infer<typeof habitsSchema>;

export function habitsOf(name: HabitsName): Habits {
  return kinds[name];
}
