import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect, unauthorized } from "next/navigation";
import { type ErrorCode, errorStatus } from "@/edge/error-codes";
import { parseReturnPath } from "@/edge/return-path";
import { answerWith } from "../http/request-context";
import { denialOf } from "./denial";
import type { Requirement } from "./requirement";
import { type ActiveSession, getSessionState } from "./session-state";
import { stepUpAddress } from "./step-up";

export interface SessionRequirement extends Requirement {
  /** Where to come back to, where the gate has not noted the address itself. */
  returnTo?: string;
}

/**
 * The session of whoever is asking, for pages and actions. Leaves otherwise: to sign-in when there is none, to the
 * 403 page when a role, an organization or a scope is missing, to the provider when the sign-in is not as recent or as
 * strong as asked, to the 503 page when the registry or the vault cannot be asked. In none of these cases is the cookie touched.
 */
export async function requireSession({ returnTo, ...requirement }: SessionRequirement = {}): Promise<ActiveSession> {
  const state = await getSessionState();
  // The gate knows the whole address, query and all; the page only what it is called.
  const asked = (await headers()).get("x-daemun-path") ?? returnTo;
  if (state.kind === "unavailable") return leaveUnavailable();
  if (state.kind !== "active") return leaveForSignIn(asked, state.kind === "ended" ? state.code : null);
  const { session } = state;
  const denial = await denialOf(session, requirement, asked ?? "");
  if (!denial) return session;
  if (denial.code === "forbidden") return forbidden();
  if (denial.code === "step_up_required") {
    return redirect(await stepUpAddress(session, requirement, parseReturnPath(asked)));
  }
  // Of a grant that is over nobody can say what it grants; a new sign-in brings a new one.
  return errorStatus[denial.code] === 401 ? leaveForSignIn(asked, denial.code) : leaveUnavailable();
}

function leaveForSignIn(asked: string | undefined, error: ErrorCode | null): never {
  const query = new URLSearchParams({ returnTo: parseReturnPath(asked) });
  if (error) query.set("error", error);
  return redirect(`/sign-in?${query}`);
}

function leaveUnavailable(): never {
  // Next lets no page answer 503; its page for 401 is ours for this, with the status put right on the way out.
  answerWith(503, { "Retry-After": "5" });
  return unauthorized();
}
