import { readCookies } from "@/server/http/cookie-jar";
import { errorJson, failedReply } from "@/server/http/error-reply";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { auditDenial } from "@/server/sessions/guards/denial";
import { cookieToPass } from "@/server/sessions/guards/roles-now";

/** Where the gate sends a fetch or a form that it turns away but cannot write down: a role is missing, or the session has run out. */
const refuse = authenticated(async (request, session) => {
  // The cookie's end came a moment before the row's.
  if (request.headers.get("x-daemun-denied") === null) return errorJson("session_expired");
  const asked = request.headers.get("x-daemun-path") ?? "";
  // The role came after the cookie: the same once more, with another. 307 keeps method and body.
  const cookie = await cookieToPass(session, readCookies(request), asked);
  if (cookie !== null) return new Response(null, { status: 307, headers: { Location: asked, "Set-Cookie": cookie } });
  await auditDenial(session, asked);
  return failedReply(request, "forbidden");
});

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as POST, refuse as PUT };
