import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { databaseFailureCode } from "../db/unavailable";
import { failedReply, redirectTo } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { readSessionForm } from "../sessions/guards/guarded-form";
import { dismissNotices } from "../sessions/registry/dismiss-notices";

/** `POST /api/account/notices/dismiss`: what this device tells its user is known now. Leads back to the page it was told on. */
export async function dismiss(request: Request): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  try {
    await dismissNotices(sent.session);
    return isNavigation(request.headers)
      ? redirectTo(parseReturnPath(sent.form.get("returnTo") ?? null))
      : new Response(null, { status: 204, headers: { "Cache-Control": "private, no-store" } });
  } catch (error) {
    log.error("notice.not_dismissed", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}
