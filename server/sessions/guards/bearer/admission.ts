import "server-only";
import daemunHooks from "@/daemun.hooks";
import type { Hooks } from "@/edge/hooks";
import type { AccessTokenClaims } from "../../../oidc/access-token";
import type { ProviderSettings } from "../../../settings/providers";
import type { BearerRequirement } from "./caller";

type Rules = Pick<ProviderSettings, "signIn" | "newUsers">;

/** Whether a token is of a tenant whose users may sign in here: of many tenants' issuers anybody can have one. */
export function isOfAdmittedTenant(
  { signIn: { tenants } }: Rules,
  { claims }: Pick<AccessTokenClaims, "claims">,
): boolean {
  if (tenants === undefined || tenants === "any") return true;
  return typeof claims.tid === "string" && tenants.includes(claims.tid);
}

/**
 * Whether a token has to be of a user who has signed in here. By default where not everybody may sign in: an access token does not
 * say what those rules ask for, and whoever has an account was let in by them.
 */
export function needsAccount(
  { users }: Pick<BearerRequirement, "users">,
  { signIn, newUsers }: Rules,
  hooks: Hooks = daemunHooks,
): boolean {
  if (users !== undefined) return users === "known";
  const { tenants: _, ...others } = signIn;
  return !newUsers || Object.keys(others).length > 0 || hooks.onSignIn !== undefined;
}
