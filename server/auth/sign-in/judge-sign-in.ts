import "server-only";
import { db } from "../../db/client";
import type { ReturnedAnswer, VerifiedSignIn } from "../next-auth/exchange-code";
import { profileOf } from "./profile";
import { askSignInHook, type HookAnswer, hasSignInHook } from "./sign-in-hook";
import { failedRule } from "./sign-in-rules";

/**
 * Why a user whom the provider vouches for may not sign in here, or what the app adds to the session: the rules of `daemun.config.ts`, then the hook of
 * `daemun.hooks.ts`. Before any transaction, since a hook may take its time. That nobody new signs in is judged where users are
 * made (find-user.ts).
 */
export async function judgeSignIn({ provider }: ReturnedAnswer, verified: VerifiedSignIn): Promise<HookAnswer> {
  const { idToken, userInfo } = verified;
  const rule = failedRule(provider, verified, profileOf(provider, idToken, userInfo));
  if (rule) return { failure: { code: "sign_in_not_allowed", cause: rule } };
  if (!hasSignInHook()) return { claims: null };
  const identity = { provider: provider.id, providerAccountId: idToken.sub };
  const known = await db.account.count({ where: identity });
  return askSignInHook({
    provider: provider.id,
    // Copies: what was verified is not the hook's to change.
    claims: { ...structuredClone(verified.claims), sub: idToken.sub },
    userInfo: structuredClone(userInfo),
    isNew: known === 0,
  });
}
