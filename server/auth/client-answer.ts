import "server-only";
import { isErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { localPart, ownOrigin } from "../http/same-origin";
import { outcomePage } from "./sign-out/sign-out-outcome";

/*
 * What `signIn()` and `signOut()` of `next-auth/react` are answered. They post by fetch, say so in a header of their own, and
 * go where `url` of the answer says. Source: `react.js` of the version of next-auth in package.json.
 */

/**
 * Whether NextAuth's client posts a sign-in or a sign-out, and wants to be told where to go. A page that a browser goes to is
 * answered as one, whatever else it sends along.
 */
export function wantsClientAnswer(headers: Headers, action: string | undefined): boolean {
  if (action !== "signin" && action !== "signout") return false;
  return headers.get("x-auth-return-redirect") !== null && !isNavigation(headers);
}

/**
 * The same answer as NextAuth's client reads it: `{ url }` in place of a redirect, with its cookies. An error keeps its status
 * and its body, and gets a `url` that explains it; of a sign-in, with `error` in the query, which the client looks for. After a
 * sign-out it is one of this app's own, always.
 *
 * @param path the segments behind `/api/auth`
 */
export async function clientAnswer(
  request: Request,
  [action, provider]: readonly string[],
  answered: Response,
): Promise<Response> {
  const origin = ownOrigin(request.headers);
  const headers = new Headers(answered.headers);
  const location = headers.get("location");
  for (const name of ["location", "content-length", "content-type"]) headers.delete(name);
  if (location !== null) {
    const next = new URL(location, origin);
    // A provider's address of a sign-out has the ID token in it; `signOut` refuses what would lead there.
    const isKept = action === "signout" && next.origin !== origin;
    return Response.json({ url: isKept ? origin + outcomePage : next.href }, { headers });
  }
  const body: { error?: unknown; request_id?: unknown } = await answered.json();
  const code = isErrorCode(body.error) ? body.error : "internal_error";
  const query = new URLSearchParams({ code });
  if (typeof body.request_id === "string") query.set("ref", body.request_id);
  const page = action === "signin" ? signInAddress(null, code, provider) : `/auth-error?${query}`;
  return Response.json({ ...body, url: origin + page }, { status: answered.status, headers });
}

/** Where a page goes on to that NextAuth's client opens by itself, or null. A script that asks for it gets nothing. */
export function clientPage(
  request: Request,
  [action, provider]: readonly [action: string | undefined, provider: string | undefined],
): string | null {
  if (request.method !== "GET" || provider !== undefined || !isNavigation(request.headers)) return null;
  if (action === "error") return "/auth-error?code=internal_error";
  if (action !== "signin") return null;
  const asked = new URL(request.url).searchParams.get("callbackUrl") ?? undefined;
  return signInAddress(localPart(asked, request.headers));
}
