import { parseLocalPath } from "@/edge/return-path";
import { localeCookieName, parseLocale } from "@/messages/locales";
import { errorReply, redirectTo } from "@/server/http/error-reply";
import { readForm } from "@/server/http/form-body";
import { isSameOrigin } from "@/server/http/same-origin";
import { isFromOtherAddress } from "@/server/http/wrong-address";
import { env } from "@/server/settings/env";

const year = 365 * 86_400;

/** Remembers the language that somebody chose, and goes back to where they were. */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request.headers)) {
    return errorReply(request, isFromOtherAddress(request.headers) ? "wrong_address" : "csrf_rejected");
  }
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const locale = parseLocale(form.get("locale"));
  if (!locale) return errorReply(request, "invalid_request");
  const response = redirectTo(parseLocalPath(form.get("returnTo")) ?? "/");
  const secure = env().secure ? "; Secure" : "";
  // Not HttpOnly by need, but nothing in the browser has to read it.
  response.headers.append(
    "Set-Cookie",
    `${localeCookieName}=${locale}; Path=/; Max-Age=${year}; HttpOnly; SameSite=Lax${secure}`,
  );
  return response;
}
