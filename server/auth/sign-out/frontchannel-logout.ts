import "server-only";
import { apiPolicy } from "@/edge/content-security-policy";
import { isPrefetch } from "@/edge/request-kind";
import { audited } from "../../audit/audit";
import { errorJson, shut } from "../../http/error-reply";
import { uniqueParameters } from "../../http/form-body";
import { describeError, log } from "../../http/log";
import { isIssuerOf } from "../../oidc/issuer";
import { isText } from "../../oidc/signed-token";
import { findProvider } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { endForProvider, ownersOf, revokeWhatEndsWithTheSession } from "./provider-logout";

/**
 * `GET /api/oidc/[provider]/frontchannel-logout?iss=&sid=`: the provider's sign-out page in a person's browser names a
 * session of the provider, and what began from it here ends. Whoever knows a `sid` may do that: it is not guessable,
 * and all that it does is to sign out.
 *
 * Source: OpenID Connect Front-Channel Logout 1.0, section 2.
 */
export async function receiveFrontchannelLogout(request: Request, providerId: string): Promise<Response> {
  const response = await answer(request, providerId);
  response.headers.set("Cache-Control", "no-store");
  // The gate leaves this path its own policy: it is the one answer that a page of somebody else's may frame.
  if (!response.headers.has("Content-Security-Policy")) response.headers.set("Content-Security-Policy", apiPolicy);
  return response;
}

async function answer(request: Request, providerId: string): Promise<Response> {
  if (request.method !== "GET") return shut(405, { Allow: "GET" });
  const provider = findProvider(providerId);
  if (!provider) return errorJson("unknown_provider");
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const sid = parameters?.get("sid");
  // Both are needed here, though a provider may leave them out: without them any page could end everybody's sessions.
  const issuer = parameters?.get("iss") ?? "";
  if (!isIssuerOf(provider, issuer) || !sid || !isText(sid)) return errorJson("invalid_request");
  // Nobody has signed out yet. A browser throws away what it fetched ahead with such a status, and comes again.
  if (isPrefetch(request.headers)) return frame(provider, 503, "Not signed out");
  try {
    await endByFrame(provider, issuer, sid);
    // The cookie stays where the browser sent one. It names what has just ended, opens nothing, and lets the sign-in page
    // say why; taken away here, it could be the one of a sign-in that was quicker.
    return frame(provider, 200, "Signed out");
  } catch (error) {
    log.error("sign_out.incomplete", { cause: describeError(error) });
    const response = frame(provider, 503, "Not signed out");
    response.headers.set("Retry-After", "5");
    return response;
  }
}

/** Ends what began from the provider's session, with an audit row if there was anything. */
async function endByFrame(provider: ProviderSettings, issuer: string, providerSessionId: string): Promise<void> {
  const ended = await audited(async (tx, audit) => {
    const ended = await endForProvider(tx, { issuer, providerSessionId }, new Date());
    if (ended.count > 0) {
      await audit({
        event: "sign_out",
        outcome: "success",
        ...ownersOf(ended),
        provider: provider.id,
        issuer,
        detail: { scope: "front-channel", count: ended.count },
      });
    }
    return ended;
  });
  revokeWhatEndsWithTheSession(ended.grants);
}

/** A page that nobody sees, which only the provider's own pages may frame. */
function frame({ issuer }: ProviderSettings, status: 200 | 503, text: string): Response {
  return new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text}</title><p>${text}.</p></html>`,
    {
      status,
      headers: {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": `default-src 'none'; frame-ancestors ${new URL(issuer).origin}`,
      },
    },
  );
}
