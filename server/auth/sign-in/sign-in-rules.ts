import "server-only";
import { readTexts } from "../../oidc/rights";
import { coversAddress } from "../../settings/email-domains";
import type { ProviderSettings } from "../../settings/providers";
import type { VerifiedSignIn } from "../next-auth/exchange-code";
import type { Profile } from "./profile";

/** A rule of `providers.<id>.signIn`. */
type Rule = keyof ProviderSettings["signIn"];

/**
 * The first of the provider's rules about who may sign in that does not let this user in, or null. Each that is there has to.
 * Roles and groups count here whether they open anything or not.
 */
export function failedRule(
  provider: ProviderSettings,
  { idToken, userInfo }: Pick<VerifiedSignIn, "idToken" | "userInfo">,
  { email, roles }: Profile,
): Rule | null {
  const { emailDomains, hostedDomains, tenants, roles: anyRole, groups: anyGroup } = provider.signIn;
  if (emailDomains && !(email?.verified && coversAddress(emailDomains, email.address))) return "emailDomains";
  const said = (claim: string) => idToken[claim] ?? userInfo?.[claim];
  if (hostedDomains && !isOneOf(hostedDomains, lowerCase(said("hd")))) return "hostedDomains";
  // The tenant is part of who signed the token: userinfo cannot say it.
  if (tenants && tenants !== "any" && !isOneOf(tenants, idToken.tid)) return "tenants";
  if (anyRole && !anyRole.some((role) => roles.includes(role))) return "roles";
  if (anyGroup) {
    const groups = readTexts(idToken, ["groups"], provider) ?? readTexts(userInfo ?? {}, ["groups"], provider) ?? [];
    if (!anyGroup.some((group) => groups.includes(group))) return "groups";
  }
  return null;
}

function isOneOf(allowed: readonly string[], value: unknown): boolean {
  return typeof value === "string" && allowed.includes(value);
}

function lowerCase(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}
