import "server-only";
import daemunHooks from "@/daemun.hooks";
import type { Hooks, SignInAttempt } from "@/edge/hooks";
import type { Prisma } from "@/prisma/generated/client";
import { inTime } from "../../http/deadline";
import { describeError, log } from "../../http/log";
import { storable } from "../../oidc/storable";
import { count } from "../../telemetry/meters";
import type { SignInFailure } from "./failed-sign-in";

const hookTimeoutMs = 3_000;
/** How much an app may add to a session, in bytes of JSON: it is read with every request. */
export const mostAppClaimsBytes = 1_024;

/** What the hook made of a sign-in. `claims`: what it adds to the session. */
export type HookAnswer = { failure: SignInFailure } | { claims: Prisma.InputJsonObject | null };

/** Whether the app has a hook that decides about sign-ins. */
export function hasSignInHook(hooks: Hooks = daemunHooks): boolean {
  return hooks.onSignIn !== undefined;
}

/**
 * Asks `onSignIn` of `daemun.hooks.ts`. Whatever is no agreed answer keeps the user out: none in time, another one, claims
 * that are too many or no JSON, an exception. Never throws.
 */
export async function askSignInHook(
  attempt: SignInAttempt,
  hooks: Hooks = daemunHooks,
  timeoutMs = hookTimeoutMs,
): Promise<HookAnswer> {
  if (!hooks.onSignIn) return { claims: null };
  const answer = await decide(attempt, hooks, timeoutMs);
  const isFailed = "failure" in answer && answer.failure.code === "internal_error";
  const outcome = isFailed ? "failed" : "failure" in answer ? "refused" : "success";
  count("daemun.hook.calls", { hook: "onSignIn", outcome });
  return answer;
}

async function decide(attempt: SignInAttempt, hooks: Hooks, timeoutMs: number): Promise<HookAnswer> {
  const { provider } = attempt;
  try {
    const late = () => new Error("onSignIn did not answer in time.");
    const answer: unknown = await inTime(timeoutMs, async () => hooks.onSignIn?.(attempt), late);
    if (answer === undefined || answer === null) return { claims: null };
    const { refuse, claims, ...rest } = (typeof answer === "object" ? answer : { other: answer }) as Record<
      string,
      unknown
    >;
    if (Object.keys(rest).length > 0 || (refuse === undefined) === (claims === undefined)) throw noDecision();
    if (claims !== undefined) return { claims: readClaims(claims) };
    if (typeof refuse !== "string") throw noDecision();
    log.warn("sign_in.refused_by_hook", { provider, reason: refuse });
    return { failure: { code: "sign_in_not_allowed", cause: "onSignIn" } };
  } catch (error) {
    log.error("sign_in.hook_failed", { provider, cause: describeError(error) });
    return { failure: { code: "internal_error", cause: "onSignIn" } };
  }
}

function noDecision(): Error {
  return new Error("onSignIn answered neither nothing nor { refuse } nor { claims }.");
}

/** As they are kept: what JSON makes of them, and PostgreSQL takes. */
function readClaims(claims: unknown): Prisma.InputJsonObject {
  const text = JSON.stringify(claims);
  const isObject = typeof claims === "object" && claims !== null && !Array.isArray(claims);
  if (!isObject || typeof text !== "string" || !text.startsWith("{"))
    throw new Error("onSignIn answered claims that are no JSON object.");
  const bytes = Buffer.byteLength(text);
  // Cut, they would say something else.
  if (bytes > mostAppClaimsBytes)
    throw new Error(`onSignIn answered ${bytes} bytes of claims: ${mostAppClaimsBytes} are the most.`);
  return storable(JSON.parse(text)) as Prisma.InputJsonObject;
}
