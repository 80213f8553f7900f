import "server-only";
import { signInAddress } from "@/edge/return-path";
import { errorReply, redirectTo } from "../../http/error-reply";
import { readFields, uniqueParameters } from "../../http/form-body";
import { localPart } from "../../http/same-origin";
import { env } from "../../settings/env";
import { isLoginHint } from "./start-sign-in";

/**
 * `GET` and `POST /api/auth/initiate`: another site, a portal of the provider's say, wants a sign-in here. It leads to our own
 * sign-in page and no further: whoever is there decides by a click. The target is held to our own origin, as any page to
 * return to. Source: OpenID Connect Core 1.0, section 4.
 */
export async function initiateSignIn(request: Request): Promise<Response> {
  const sent = request.method === "POST" ? await readFields(request) : new URL(request.url).searchParams;
  if (typeof sent === "string") return errorReply(request, sent);
  const parameters = uniqueParameters(sent);
  if (!parameters) return errorReply(request, "invalid_request");
  const issuer = parameters.get("iss");
  if (!issuer) return errorReply(request, "invalid_request");
  const provider = env().providers.find((known) => known.issuer === issuer);
  if (!provider) return errorReply(request, "unknown_provider");
  const target = localPart(parameters.get("target_link_uri"), request.headers);
  const address = signInAddress(target, "not_authenticated", provider.id);
  const hint = parameters.get("login_hint");
  // One that could not be sent on is left out: it is a hint.
  return redirectTo(isLoginHint(hint) ? `${address}&${new URLSearchParams({ login_hint: hint })}` : address);
}
