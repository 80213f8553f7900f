import { parseReturnPath } from "@/edge/return-path";
import { readCookies } from "@/server/http/cookie-jar";
import { errorReply, redirectTo } from "@/server/http/error-reply";
import { cookieToPass } from "@/server/sessions/guards/roles-now";
import { readSession } from "@/server/sessions/registry/session-state";

/** Where a page that the gate turned away sends a browser whose session has the role by now: back, with a cookie that says so. */
async function renew(request: Request): Promise<Response> {
  const state = await readSession();
  if (state.kind !== "active") return errorReply(request, state.code);
  const returnTo = parseReturnPath(new URL(request.url).searchParams.get("returnTo"));
  const cookie = await cookieToPass(state.session, readCookies(request), returnTo);
  const response = redirectTo(returnTo);
  if (cookie !== null) response.headers.append("Set-Cookie", cookie);
  return response;
}

export { renew as GET, renew as POST };
