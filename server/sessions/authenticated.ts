import "server-only";
import { errorJson } from "../http/error-reply";
import { type ActiveSession, getSessionState } from "./session-state";
import { isConfirmed, type StepUp } from "./step-up";

type SessionHandler = (request: Request, session: ActiveSession) => Promise<Response>;

/**
 * Wraps a route handler so that it runs only for a live session, as recent and as strong as `asked`; answers 401 or 503
 * as JSON otherwise. Never cached.
 */
export function authenticated(handler: SessionHandler, asked: StepUp = {}): (request: Request) => Promise<Response> {
  return async (request) => {
    const state = await getSessionState();
    if (state.kind === "unavailable") return errorJson("database_unavailable");
    if (state.kind !== "active") return errorJson(state.kind === "ended" ? state.code : "not_authenticated");
    if (!isConfirmed(state.session, asked)) return errorJson("step_up_required");
    const response = await handler(request, state.session);
    response.headers.set("Cache-Control", "private, no-store");
    return response;
  };
}
