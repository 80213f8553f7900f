import "server-only";
import { cookies } from "next/headers";
import { browserCookieName, createFormToken, type FormBinding, isBrowserId, isFormToken } from "@/edge/form-token";
import { env } from "../../settings/env";
import { readSessionClaims } from "./session-cookies";

/**
 * The token of a form on a page. A form for anybody (sign-in) is bound to the browser by the cookie that the gate gave
 * it; one that acts on a session is bound to that session. Where there is nothing to bind to, the token fits nothing
 * and the form is refused: closed, not open.
 */
export async function formToken(kind: FormBinding["kind"]): Promise<string> {
  const jar = await cookies();
  const id =
    kind === "browser"
      ? jar.get(browserCookieName(env().secure))?.value
      : (await readSessionClaims((name) => jar.get(name)?.value))?.sid;
  return formTokenFor({ kind, id: id ?? crypto.randomUUID() });
}

/**
 * The token of a form for anybody on any page; null where this browser holds nothing yet to bind it to. The form needs none
 * then, as long as the browser says that our own page sent it: `saysSameOrigin`.
 */
export async function browserFormToken(): Promise<string | null> {
  const id = (await cookies()).get(browserCookieName(env().secure))?.value;
  return isBrowserId(id) ? formTokenFor({ kind: "browser", id }) : null;
}

/** The token for this browser or session. */
export function formTokenFor(binding: FormBinding): Promise<string> {
  return createFormToken(env().sessionSecrets, binding);
}

/** Whether `token` belongs to this session: for forms that act on one. */
export function isSessionsFormToken(token: string | undefined, sid: string): Promise<boolean> {
  return isFormToken(token, env().sessionSecrets, { kind: "session", id: sid });
}

/**
 * Whether `token` belongs to the session of whoever is asking: for server actions, which see no request.
 *
 * @public for an app's own actions
 */
export async function isOwnFormToken(token: string | undefined): Promise<boolean> {
  const jar = await cookies();
  const claims = await readSessionClaims((name) => jar.get(name)?.value);
  return claims !== null && isSessionsFormToken(token, claims.sid);
}

/** Whether `token` belongs to this browser, or to the session that it holds: for forms that anybody may send. */
export async function isBrowsersFormToken(
  token: string | undefined,
  jar: ReadonlyMap<string, string>,
  sid: string | null,
): Promise<boolean> {
  if (sid !== null && (await isSessionsFormToken(token, sid))) return true;
  const id = jar.get(browserCookieName(env().secure));
  return isBrowserId(id) && isFormToken(token, env().sessionSecrets, { kind: "browser", id });
}
