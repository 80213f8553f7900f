import { errorJson } from "@/server/http/error-reply";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { auditDenial } from "@/server/sessions/guards/denial";

/** Where the gate sends a fetch that it turns away but cannot write down: a role is missing, or the session has run out. */
const refuse = authenticated(async (request, session) => {
  // The cookie's end came a moment before the row's.
  if (request.headers.get("x-daemun-denied") === null) return errorJson("session_expired");
  await auditDenial(session, request.headers.get("x-daemun-path") ?? "");
  return errorJson("forbidden");
});

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as POST, refuse as PUT };
