import "server-only";
import { errorJson } from "../../http/error-reply";
import type { SessionState } from "../registry/session-state";

/** What `/api/session` and `keep-alive` answer: whether somebody is signed in and until when, by the server's clock. ISO 8601. */
export function describeSession(state: SessionState): Response {
  if (state.kind === "unavailable") return errorJson(state.code);
  const session = state.kind === "active" ? state.session : null;
  return Response.json(
    {
      authenticated: session !== null,
      idleExpiresAt: session?.idleExpiresAt.toISOString() ?? null,
      expiresAt: session?.expires.toISOString() ?? null,
      now: new Date().toISOString(),
    },
    { headers: { "Cache-Control": "private, no-store" } },
  );
}
