import { errorJson, failureJson, shut } from "@/server/http/error-reply";
import { uniqueParameters } from "@/server/http/form-body";
import { isSameOrigin } from "@/server/http/same-origin";
import { refuseOverLimit } from "@/server/limits/limit";
import type { ResourceIndicator } from "@/server/oidc/dialects";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { auditDenial, auditForgery } from "@/server/sessions/guards/denial";
import { auditExposure, findResource } from "@/server/sessions/guards/exposed-token";
import { getAccessToken } from "@/server/sessions/guards/session-tokens";

/**
 * A short-lived access token for the person's own scripts, for a resource that says `exposeToBrowser`: the one route
 * through which a token leaves the app. The path names the resource's indicator, URL-encoded once.
 */
export const GET = authenticated<{ resource: string }>(async (request, session, { params }) => {
  const { pathname, searchParams } = new URL(request.url);
  const refused = await refuseOverLimit(request, "tokens", session.user.id);
  if (refused) return refused;
  if (!isSameOrigin(request.headers)) {
    await auditForgery(session, pathname);
    return errorJson("csrf_rejected");
  }
  const query = uniqueParameters(searchParams);
  const organization = query?.get("organization");
  if (!query || organization === "") return errorJson("invalid_request");
  const resource = findResource(session, params.resource);
  if (!resource) return errorJson("unknown_resource");
  if (!resource.exposeToBrowser) {
    await auditDenial(session, pathname);
    return errorJson("forbidden");
  }
  const outcome = await getAccessToken({
    resource: resource.indicator as ResourceIndicator,
    ...(organization !== undefined && { organization }),
  });
  if (outcome.kind !== "token") return failureJson(outcome);
  // Of no use without its key, which stays here.
  if (outcome.proofKey) return errorJson("forbidden");
  // Nothing leaves unless it is written down.
  const fault = await auditExposure(session, outcome);
  if (fault) return errorJson(fault);
  return Response.json({
    access_token: outcome.accessToken,
    token_type: "Bearer",
    expires_in: Math.max(0, Math.floor((outcome.expiresAt.getTime() - Date.now()) / 1000)),
    scope: outcome.scope,
    resource: outcome.resource,
  });
});

/** Next would answer HEAD with GET, and a token would be written down that nobody got. */
export function HEAD(): Response {
  return shut(405, { Allow: "GET" });
}
