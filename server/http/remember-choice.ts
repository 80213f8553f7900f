import "server-only";
import { parseLocalPath } from "@/edge/return-path";
import { env } from "../settings/env";
import { errorReply, redirectTo } from "./error-reply";
import { readForm } from "./form-body";
import { isSameOrigin } from "./same-origin";
import { isFromOtherAddress } from "./wrong-address";

const year = 365 * 86_400;

interface Choice {
  /** The form's field that has the choice. */
  field: string;
  /** The name of the cookie that keeps it. */
  cookie: string;
  /** The choice that a text names, as it stands in the cookie; null for none. */
  parse: (value: unknown) => string | null;
}

/** Keeps how somebody wants pages to be, signed in or not, for a year in a cookie, and goes back to where the form was (`returnTo`). */
export async function rememberChoice(request: Request, { field, cookie, parse }: Choice): Promise<Response> {
  if (!isSameOrigin(request.headers)) {
    return errorReply(request, isFromOtherAddress(request.headers) ? "wrong_address" : "csrf_rejected");
  }
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const choice = parse(form.get(field));
  if (choice === null) return errorReply(request, "invalid_request");
  const response = redirectTo(parseLocalPath(form.get("returnTo")) ?? "/");
  const secure = env().secure ? "; Secure" : "";
  // Not HttpOnly by need, but nothing in the browser has to read it.
  const value = `${cookie}=${choice}; Path=/; Max-Age=${year}; HttpOnly; SameSite=Lax${secure}`;
  response.headers.append("Set-Cookie", value);
  return response;
}
