import { errorJson } from "@/server/http/error-reply";
import { peekSessionState } from "@/server/sessions/session-state";

/** Whether somebody is signed in and until when, for polling: never counts as activity. Times are ISO 8601, by the server's clock. */
export async function GET(): Promise<Response> {
  const state = await peekSessionState();
  if (state.kind === "unavailable") return errorJson("database_unavailable");
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
