import { errorJson } from "@/server/http/error-reply";
import { isOwnCall } from "@/server/http/same-origin";
import { describeSession } from "@/server/sessions/describe-session";
import { rollSessionState } from "@/server/sessions/session-state";

/** "I am still here": counts as activity. Answers as `GET /api/session` does. */
export async function POST(request: Request): Promise<Response> {
  if (!isOwnCall(request.headers)) return errorJson("csrf_rejected");
  const state = await rollSessionState();
  if (state.kind === "anonymous") return errorJson("not_authenticated");
  return state.kind === "ended" ? errorJson(state.code) : describeSession(state);
}
