import { errorJson } from "@/server/http/error-reply";
import { isOwnCall } from "@/server/http/same-origin";
import { describeSession } from "@/server/sessions/guards/describe-session";
import { readSession } from "@/server/sessions/registry/session-state";

/** "I am still here": counts as activity. Answers as `GET /api/session` does. */
export async function POST(request: Request): Promise<Response> {
  if (!isOwnCall(request.headers)) return errorJson("csrf_rejected");
  const state = await readSession({ activity: "yes" });
  return state.kind === "active" ? describeSession(state) : errorJson(state.code);
}
