import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import type { Actor } from "../accounts/actor";
import { startStepUp } from "../auth/sign-in/step-up";
import { databaseFailureCode } from "../db/unavailable";
import { errorReply, failedReply, redirectTo } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { readSessionForm } from "../sessions/guards/guarded-form";
import { denialOf } from "../sessions/guards/requirement";
import { isConfirmed } from "../sessions/guards/step-up";
import { adminRoles, sessionPolicy } from "../sessions/registry/policy";

/** What came of an act: the page that shows it, or why it was refused. */
export type ActOutcome = { show: string; done: boolean } | { refused: ErrorCode };

/** What a form of an administrator asks for, once it is known to be theirs. */
export interface AskedAct {
  /** Where the administrator comes back to after having confirmed who they are. */
  page: string;
  carryOut: (actor: Actor & { kind: "admin" }) => Promise<ActOutcome>;
}

/**
 * What every act of an administrator passes: a form of our own page in a session that lives, a role that the session's row has
 * now, and a recent sign-in. One that is older is confirmed at the provider, and the act has to be asked for once more; where
 * the provider cannot confirm it, nothing happens.
 *
 * @param parse what the fields ask for; null for what no page of ours sends
 */
export async function actAsAdmin(
  request: Request,
  parse: (form: ReadonlyMap<string, string>) => AskedAct | null,
): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { form, session } = sent;
  const denial = await denialOf(session, { roles: adminRoles() }, new URL(request.url).pathname);
  if (denial) return failedReply(request, denial.code, denial);
  const asked = parse(form);
  if (!asked) return errorReply(request, "invalid_request");
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  if (!isConfirmed(session, { maxAgeSeconds })) {
    return startStepUp(request, session, { maxAgeSeconds, returnTo: `${asked.page}?confirmed=1`, end: null });
  }
  try {
    const outcome = await asked.carryOut({ kind: "admin", userId: session.user.id, sessionHash: session.hash });
    if ("refused" in outcome) return failedReply(request, outcome.refused);
    return isNavigation(request.headers) ? redirectTo(outcome.show) : Response.json({ done: outcome.done });
  } catch (error) {
    log.error("admin.not_done", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}
