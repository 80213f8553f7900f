import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { redirectWithOutcome } from "../auth/sign-out/sign-out-outcome";
import { databaseFailureCode } from "../db/unavailable";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, failedReply, redirectTo } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { sessionCookies } from "../sessions/cookies/session-cookies";
import { confirmationOf } from "../sessions/guards/confirmation";
import { readSessionForm } from "../sessions/guards/guarded-form";
import { stepUpAddress } from "../sessions/guards/step-up";
import { deleteUser } from "./delete-user";
import { deletionGraceDays } from "./deletion-policy";

const page = "/account/data";

// What the page asks to be typed, in its languages.
const typedWords = ["delete", "삭제"];

/**
 * `POST /api/account/delete`: deletes the account of whoever sent it, after a recent sign-in and with the word of the page
 * typed into `confirm`. Without a recent one it leads through the provider, and back to the page.
 */
export async function deleteOwn(request: Request): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { form, session } = sent;
  const confirmation = confirmationOf(session);
  if (confirmation.kind !== "confirmed") {
    if (!isNavigation(request.headers)) return errorJson("step_up_required");
    if (confirmation.kind === "sign_in_again") return redirectTo(`${page}?again=1#delete`);
    return redirectTo(await stepUpAddress(session, confirmation.asked, `${page}#delete`));
  }
  const typed = form.get("confirm")?.normalize("NFC").trim().toLowerCase() ?? "";
  if (!typedWords.includes(typed))
    return isNavigation(request.headers) ? redirectTo(`${page}?typed=0#delete`) : errorJson("invalid_request");
  try {
    const actor = { kind: "self", sessionHash: session.hash } as const;
    const outcome = await deleteUser(session.user.id, { actor, graceDays: deletionGraceDays() });
    if (outcome.kind === "refused") return errorReply(request, outcome.code);
    const dueAt = outcome.kind === "asked" && !outcome.isDone ? outcome.dueAt.toISOString() : null;
    const sessions = outcome.kind === "asked" ? outcome.sessions : 0;
    const response = isNavigation(request.headers)
      ? await redirectWithOutcome(outcomeOf({ dueAt, sessions }))
      : Response.json({ deleted: dueAt === null, dueAt }, { headers: { "Cache-Control": "private, no-store" } });
    return await withoutSession(request, response);
  } catch (error) {
    log.error("account.not_deleted", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}

/** What the next page tells. */
function outcomeOf({ dueAt, sessions }: { dueAt: string | null; sessions: number }) {
  return {
    scope: "everywhere",
    providerName: null,
    provider: "not_asked",
    endedCount: sessions,
    tokensLeft: 0,
    state: null,
    deletion: { dueAt },
  } as const;
}

/** The same response, taking the session's cookie away. */
async function withoutSession(request: Request, response: Response): Promise<Response> {
  const jar = readCookies(request);
  for (const name of await sessionCookies().namesOf((cookie) => jar.get(cookie)))
    response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
  return response;
}
