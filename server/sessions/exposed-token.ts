import "server-only";
import type { ApiResource } from "@/edge/config";
import type { ErrorCode } from "@/edge/error-codes";
import { audited } from "../audit/audit";
import { isDatabaseUnavailable } from "../db/unavailable";
import { env } from "../env";
import { describeError, log } from "../http/log";
import { resourcesOf } from "../oidc/dialects";
import type { GrantedToken } from "../tokens/outcome";
import type { ActiveSession } from "./session-state";

/** The resource that `indicator` names, if the session's provider issues tokens for it. */
export function findResource({ provider: id }: ActiveSession, indicator: string): ApiResource | undefined {
  const provider = env().providers.find((known) => known.id === id);
  return provider && resourcesOf(provider).find((resource) => resource.indicator === indicator);
}

/** Writes down that a token is about to leave the house. Answers why that could not be: then it must not leave. */
export async function auditExposure(
  { user, hash, provider, issuer }: ActiveSession,
  { resource, organization, scope }: GrantedToken,
): Promise<ErrorCode | null> {
  try {
    await audited((_, audit) =>
      audit({
        event: "token.exposed",
        outcome: "success",
        userId: user.id,
        sessionHash: hash,
        provider,
        issuer,
        detail: { resource, organization, scope },
      }),
    );
    return null;
  } catch (error) {
    log.error("token.not_exposed", { cause: describeError(error) });
    return isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error";
  }
}
