import "server-only";
import { getRequestContext, type RequestContext } from "../../http/request-context";
import type { SessionState } from "./session-state";

interface Judged {
  sid: string;
  state: SessionState;
  /** By `performance.now()`. */
  at: number;
}

// React's `cache` holds while pages render, and not in route handlers.
const judged = new WeakMap<RequestContext, Judged>();
// A handler that streams for minutes asks again.
const judgedMs = 1_000;

/** Keeps how the session of this request was judged. */
export function noteJudged(sid: string, state: SessionState): void {
  const context = getRequestContext();
  if (context) judged.set(context, { sid, state, at: performance.now() });
}

/** The session that was judged in this request within the last second, if it was alive. */
export function recallJudged(): Judged | null {
  const context = getRequestContext();
  const last = context && judged.get(context);
  return last?.state.kind === "active" && performance.now() - last.at <= judgedMs ? last : null;
}
