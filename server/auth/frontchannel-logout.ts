import "server-only";
import { apiPolicy } from "@/edge/content-security-policy";
import { isPrefetch } from "@/edge/request-kind";
import { audited } from "../audit/audit";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorJson, shut } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isText } from "../oidc/signed-token";
import type { ProviderSettings } from "../provider-settings";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
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
  const provider = env().providers.find(({ id }) => id === providerId);
  if (!provider) return errorJson("unknown_provider");
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const sid = parameters?.get("sid");
  // Both are needed here, though a provider may leave them out: without them any page could end everybody's sessions.
  if (parameters?.get("iss") !== provider.issuer || !sid || !isText(sid)) return errorJson("invalid_request");
  // Nobody has signed out yet. A browser throws away what it fetched ahead with such a status, and comes again.
  if (isPrefetch(request.headers)) return frame(provider, 503, "Not signed out");
  try {
    const isOwn = await endByFrame(request, provider, sid);
    const response = frame(provider, 200, "Signed out");
    if (isOwn) response.headers.append("Set-Cookie", cookieHeader(sessionCookies().name, "", 0));
    return response;
  } catch (error) {
    log.error("sign_out.incomplete", { cause: describeError(error) });
    const response = frame(provider, 503, "Not signed out");
    response.headers.set("Retry-After", "5");
    return response;
  }
}

/** Ends what began from the provider's session. Answers whether this browser's own session was among that. */
async function endByFrame(request: Request, provider: ProviderSettings, providerSessionId: string): Promise<boolean> {
  const { issuer } = provider;
  // Browsers send it only where provider and app are one site.
  const own = await readSessionClaims(readCookies(request).get(sessionCookies().name));
  const { ended, isOwn } = await audited(async (tx, audit) => {
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
    // It may have ended a moment ago, by the back channel.
    const named = { issuer, providerSessionId, sessionToken: own?.sid ?? "", endedAt: { not: null } };
    return { ended, isOwn: own !== null && (await tx.session.count({ where: named })) > 0 };
  });
  revokeWhatEndsWithTheSession(ended.grants);
  return isOwn;
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
