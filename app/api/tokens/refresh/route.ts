import { z } from "zod";
import { errorJson, failureJson } from "@/server/http/error-reply";
import { readJson } from "@/server/http/json-body";
import { getRequestContext } from "@/server/http/request-context";
import { isOwnCall } from "@/server/http/same-origin";
import { refuseOverLimit } from "@/server/limits/limit";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { auditForgery } from "@/server/sessions/guards/denial";
import { refreshAccessToken } from "@/server/sessions/guards/session-tokens";

const bodySchema = z.strictObject({
  resource: z.string().min(1).exactOptional(),
  organization: z.string().min(1).exactOptional(),
});

const largestRefreshRequestBytes = 4096;

/** Has an access token refreshed now. Tells what the new one is for and until when; the token stays in the vault. */
export const POST = authenticated(async (request, session) => {
  const arrivedAt = getRequestContext()?.startedAt ?? new Date();
  const refused = await refuseOverLimit(request, "tokens", session.user.id);
  if (refused) return refused;
  if (!isOwnCall(request.headers)) {
    await auditForgery(session, new URL(request.url).pathname);
    return errorJson("csrf_rejected");
  }
  const body = await readJson(request, largestRefreshRequestBytes);
  if (typeof body === "string") return errorJson(body);
  const asked = bodySchema.safeParse(body.json);
  if (!asked.success) return errorJson("invalid_request");
  const outcome = await refreshAccessToken(asked.data, arrivedAt);
  if (outcome.kind !== "token") return failureJson(outcome);
  const { resource, organization, scope, expiresAt } = outcome;
  return Response.json({ resource, organization, scope, expiresAt: expiresAt.toISOString() });
});
