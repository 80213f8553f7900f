import "server-only";
import daemunHooks from "@/daemun.hooks";
import type { Hooks, SignInAttempt } from "@/edge/hooks";
import { deadlineIn, onDeadline } from "../../http/deadline";
import { describeError, log } from "../../http/log";
import type { SignInFailure } from "./failed-sign-in";

const hookTimeoutMs = 3_000;

/** Whether the app has a hook that decides about sign-ins. */
export function hasSignInHook(hooks: Hooks = daemunHooks): boolean {
  return hooks.onSignIn !== undefined;
}

/**
 * Asks `onSignIn` of `daemun.hooks.ts`. Null lets the user in; whatever is neither that nor a refusal keeps them out: no answer
 * in time, another one than was agreed, an exception. Never throws.
 */
export async function askSignInHook(
  attempt: SignInAttempt,
  hooks: Hooks = daemunHooks,
  timeoutMs = hookTimeoutMs,
): Promise<SignInFailure | null> {
  const { provider } = attempt;
  try {
    const answer: unknown = await inTime(timeoutMs, async () => hooks.onSignIn?.(attempt));
    if (answer === undefined || answer === null) return null;
    const refuse = typeof answer === "object" && "refuse" in answer ? answer.refuse : undefined;
    if (typeof refuse !== "string") throw new Error("onSignIn answered neither nothing nor { refuse }.");
    log.warn("sign_in.refused_by_hook", { provider, reason: refuse });
    return { code: "sign_in_not_allowed", cause: "onSignIn" };
  } catch (error) {
    log.error("sign_in.hook_failed", { provider, cause: describeError(error) });
    return { code: "internal_error", cause: "onSignIn" };
  }
}

async function inTime<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  let callOff = () => {};
  const late = new Promise<never>((_, reject) => {
    callOff = onDeadline(deadlineIn(timeoutMs), () => reject(new Error("onSignIn did not answer in time.")));
  });
  return Promise.race([work(), late]).finally(callOff);
}
