import "server-only";
import { cookies } from "next/headers";
import { browserCookieName, createFormToken, type FormBinding, isBrowserId, isFormToken } from "@/edge/form-token";
import { env } from "../env";
import { readSessionClaims, sessionCookies } from "./session-cookies";

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
      : (await readSessionClaims(jar.get(sessionCookies().name)?.value))?.sid;
  return formTokenFor({ kind, id: id ?? crypto.randomUUID() });
}

/** The token for this browser or session. */
export function formTokenFor(binding: FormBinding): Promise<string> {
  return createFormToken(env().sessionSecrets[0] ?? "", binding);
}

/** Whether `token` belongs to this browser, or to this session where there is one. */
export async function isOurFormToken(
  token: string | undefined,
  jar: ReadonlyMap<string, string>,
  sid: string | null,
): Promise<boolean> {
  const browser = jar.get(browserCookieName(env().secure));
  const bindings: FormBinding[] = [];
  if (isBrowserId(browser)) bindings.push({ kind: "browser", id: browser });
  if (sid !== null) bindings.push({ kind: "session", id: sid });
  const fits = await Promise.all(bindings.map((binding) => isFormToken(token, env().sessionSecrets, binding)));
  return fits.includes(true);
}
