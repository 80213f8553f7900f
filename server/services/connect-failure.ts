import "server-only";
import * as openid from "openid-client";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../audit/audit";
import { isDatabaseUnavailable } from "../db/unavailable";
import { errorReply, failedReply } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { OidcError } from "../oidc/errors";
import type { ActiveSession } from "../sessions/session-state";
import { ServiceError } from "./errors";
import { type ConnectableService, providerOf } from "./service-provider";

/** Why a service was not connected: the house's own word, and a short one for the trail. */
export interface ConnectFailure {
  code: ErrorCode;
  cause: string;
}

export interface Connecting {
  session: ActiveSession;
  service: ConnectableService;
}

/** Writes the one audit row of a service that was not connected. */
export function auditDenied({ session, service }: Connecting, { code, cause }: ConnectFailure): Promise<void> {
  const { id: provider, issuer } = providerOf(service);
  return auditAtOnce({
    event: "service.denied",
    outcome: "failure",
    reason: code,
    userId: session.user.id,
    sessionHash: session.hash,
    provider,
    issuer,
    detail: { service: service.id, cause },
  });
}

/** Says why a service could not be connected, to the person and in their trail. */
export async function cannotConnect(request: Request, who: Connecting, error: unknown): Promise<Response> {
  const failure = failureOf(error, who.service);
  await auditDenied(who, failure);
  return failure.code === "database_unavailable"
    ? failedReply(request, failure.code)
    : errorReply(request, failure.code);
}

function failureOf(error: unknown, service: ConnectableService): ConnectFailure {
  // What our own fetch throws comes wrapped where `openid-client` called it.
  for (const known of [error, error instanceof Error ? error.cause : null]) {
    if (known instanceof OidcError || known instanceof ServiceError) return { code: known.code, cause: known.detail };
  }
  if (error instanceof openid.ResponseBodyError) {
    const cause = wordOf(error.error);
    return /^(?:invalid|unauthorized)_client$/.test(cause)
      ? refusedClient(service, cause)
      : { code: "provider_error", cause };
  }
  // RFC 6749 section 5.2: with it, the token endpoint refuses the client.
  if (error instanceof openid.WWWAuthenticateChallengeError) return refusedClient(service, "invalid_client");
  if (error instanceof openid.ClientError) {
    const cause = wordOf(error.code ?? "");
    return { code: cause.startsWith("oauth_jwt_") ? "id_token_invalid" : "invalid_response", cause };
  }
  log.error("connection.fault", { cause: describeError(error) });
  return { code: isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error", cause: "exception" };
}

/** No person can mend this: the operator has to hear of it. */
function refusedClient({ id: service }: ConnectableService, cause: string): ConnectFailure {
  log.error("service.client_refused", { service, cause });
  return { code: "provider_misconfigured", cause };
}

function wordOf(text: string): string {
  return /^[A-Za-z_]{1,60}$/.test(text) ? text.toLowerCase() : "unnamed_error";
}
