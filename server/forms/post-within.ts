import "server-only";
import { cookies, headers } from "next/headers";
import { handleAuthRequest } from "../auth/handlers";
import { ownOrigin } from "../http/same-origin";
import { env } from "../settings/env";

/**
 * Does what a form of ours would do when it is posted to `/api/auth/<path>`, with every check and limit of that endpoint, for
 * the server action that is being answered. Its cookies become those of the action's answer.
 *
 * @returns where the browser shall go: to the provider, to a page of ours, or to the one that says what went wrong
 */
export async function postWithin(path: readonly string[], fields: Record<string, string>): Promise<string> {
  const sent = new Headers(await headers());
  for (const name of ["content-length", "content-type", "next-action", "x-auth-return-redirect"]) sent.delete(name);
  // A script may have sent the action; what answers it is a page.
  sent.set("sec-fetch-mode", "navigate");
  const address = `${ownOrigin(sent)}/api/auth/${path.map(encodeURIComponent).join("/")}`;
  const request = new Request(address, { method: "POST", headers: sent, body: new URLSearchParams(fields) });
  const answered = await handleAuthRequest(request, path);
  const jar = await cookies();
  for (const line of answered.headers.getSetCookie()) {
    const [pair = "", ...attributes] = line.split("; ");
    const at = pair.indexOf("=");
    const life = attributes.find((attribute) => attribute.startsWith("Max-Age="))?.slice("Max-Age=".length);
    jar.set(pair.slice(0, at), pair.slice(at + 1), {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: env().secure,
      ...(life !== undefined && { maxAge: Number(life) }),
    });
  }
  return addressIn(answered);
}

/** Where an answer leads to: a redirect, or a refusal whose page goes on by itself. */
function addressIn({ headers: answer }: Response): string {
  const refresh = answer.get("refresh")?.split("url=", 2)[1];
  return answer.get("location") ?? refresh ?? "/auth-error?code=internal_error";
}
