import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect, unauthorized } from "next/navigation";
import { errorStatus } from "@/edge/error-codes";
import { parseReturnPath, signInAddress } from "@/edge/return-path";
import { answerWith } from "../../http/request-context";
import type { UserClaims } from "../../oidc/user-claims";
import type { ActiveSession } from "../registry/active-session";
import { readSession } from "../registry/session-state";
import { denialOf, type Requirement } from "./requirement";
import { stepUpAddress } from "./step-up";

export interface SessionRequirement extends Requirement {
  /** Where to come back to, where the gate has not noted the address itself. */
  returnTo?: string;
}

/** A session with what the provider's userinfo says now. */
export type SessionWithUserInfo = ActiveSession & { userInfo: UserClaims };

/**
 * The session of whoever is asking, for pages and actions. Leaves otherwise: to sign-in when there is none, to the
 * 403 page when a role, an organization or a scope is missing, to the provider when the sign-in is not as recent or as
 * strong as asked, or its grant ended before a remembered session, to the 503 page when the registry or the vault cannot be asked. In none of these cases is the cookie touched.
 * With `userInfo` it has the provider's fresh claims as well; where they cannot be had, it leaves in the same ways.
 */
export async function requireSession(
  requirement: SessionRequirement & { userInfo: true },
): Promise<SessionWithUserInfo>;
export async function requireSession(requirement?: SessionRequirement & { userInfo?: false }): Promise<ActiveSession>;
export async function requireSession({
  returnTo,
  userInfo = false,
  ...requirement
}: SessionRequirement & { userInfo?: boolean } = {}): Promise<ActiveSession> {
  const state = await readSession();
  // The gate knows the whole address, query and all; the page only what it is called.
  const asked = (await headers()).get("x-daemun-path") ?? returnTo;
  if (state.kind === "unavailable") return redirectToUnavailable();
  if (state.kind !== "active") return redirect(signInAddress(asked, state.code));
  const { session } = state;
  // A page that a user looks at, and no action: what was posted cannot be had by coming back.
  const isPage = (await headers()).get("next-action") === null;
  if (isPage && session.confirmation === "due") return redirect(await confirmAddress(session, asked));
  const denial = await denialOf(session, requirement, asked ?? "");
  if (!denial) return userInfo ? withUserInfo(session, asked) : session;
  // Its roles are off until the provider has confirmed who it is.
  if (denial.code === "forbidden" && isPage && session.confirmation)
    return redirect(await confirmAddress(session, asked));
  if (denial.code === "forbidden") return forbidden();
  if (denial.code === "step_up_required") {
    return redirect(await stepUpAddress(session, requirement, parseReturnPath(asked)));
  }
  // Of a grant that is over nobody can say what it grants; a new sign-in brings a new one.
  return errorStatus[denial.code] === 401 ? redirect(signInAddress(asked, denial.code)) : redirectToUnavailable();
}

async function withUserInfo(session: ActiveSession, asked: string | undefined): Promise<SessionWithUserInfo> {
  // Only now: a page that asks for no token loads no vault (ADR 68).
  const { fetchUserInfo } = await import("./session-tokens");
  const answer = await fetchUserInfo();
  if (answer.kind === "claims") return { ...session, userInfo: answer.claims };
  return errorStatus[answer.code] === 401 ? redirect(signInAddress(asked, answer.code)) : redirectToUnavailable();
}

/** Where the provider confirms who it is: silently, where its own session lives. */
function confirmAddress(session: ActiveSession, asked: string | null | undefined): Promise<string> {
  return stepUpAddress(session, { isConfirmation: true }, parseReturnPath(asked));
}

function redirectToUnavailable(): never {
  // Next lets no page answer 503; its page for 401 is ours for this, with the status put right on the way out.
  answerWith(503, { "Retry-After": "5" });
  return unauthorized();
}
