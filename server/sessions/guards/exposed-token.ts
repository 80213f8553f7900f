import "server-only";
import type { ApiResource } from "@/edge/config";
import type { ErrorCode } from "@/edge/error-codes";
import { audited } from "../../audit/audit";
import { databaseFailureCode } from "../../db/unavailable";
import { describeError, log } from "../../http/log";
import { findProvider } from "../../settings/env";
import type { GrantedToken } from "../../tokens/outcome";
import type { ActiveSession } from "../registry/active-session";

/** The resource that `indicator` names, if the session's provider issues tokens for it. */
export function findResource({ provider: id }: ActiveSession, indicator: string): ApiResource | undefined {
  return findProvider(id)?.resources.find((resource) => resource.indicator === indicator);
}

/** Writes down that a token is about to leave the app. Answers why that could not be: then it must not leave. */
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
    return databaseFailureCode(error);
  }
}
