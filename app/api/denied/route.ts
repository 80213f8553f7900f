import { errorJson } from "@/server/http/error-reply";
import { authenticated } from "@/server/sessions/authenticated";
import { auditDenial } from "@/server/sessions/denial";

/** Where the gate sends a fetch whose person lacks a role: refused in the house's words, and written down. */
const refuse = authenticated(async (request, session) => {
  await auditDenial(session, request.headers.get("x-daemun-path") ?? "");
  return errorJson("forbidden");
});

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as POST, refuse as PUT };
