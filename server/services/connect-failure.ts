import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../audit/audit";
import { databaseFailureCode } from "../db/unavailable";
import { errorReply, failedReply } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { oidcErrorOf } from "../oidc/openid-client";
import type { ActiveSession } from "../sessions/registry/active-session";
import { ServiceError } from "./errors";
import { type ConnectableService, providerOf } from "./service-provider";

/** Why a service was not connected: the app's own word, and a short one for the trail. */
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
  const known = error instanceof ServiceError ? error : oidcErrorOf(error, providerOf(service));
  if (known) return { code: known.code, cause: known.detail };
  log.error("connection.fault", { cause: describeError(error) });
  return { code: databaseFailureCode(error), cause: "exception" };
}
