import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../../audit/audit";
import { databaseFailureCode } from "../../db/unavailable";
import { describeError, log } from "../../http/log";
import { OidcError } from "../../oidc/errors";
import type { ProviderSettings } from "../../settings/providers";

export interface SignInFailure {
  code: ErrorCode;
  /** A short word for the log and the audit row, never a value. */
  cause: string;
}

/** Writes the one audit row of a sign-in that failed. */
export function auditFailedSignIn(provider: ProviderSettings, { code, cause }: SignInFailure): Promise<void> {
  return auditAtOnce({
    event: code === "sign_in_not_allowed" ? "sign_in.not_allowed" : "sign_in.failed",
    outcome: "failure",
    reason: code,
    provider: provider.id,
    issuer: provider.issuer,
    detail: { cause },
  });
}

/** What a thrown error means to the person: the protocol's own code, a database that is away, or a fault of ours. */
export function faultOf(error: unknown): SignInFailure {
  if (error instanceof OidcError) return { code: error.code, cause: error.detail };
  log.error("sign_in.fault", { cause: describeError(error) });
  return { code: databaseFailureCode(error), cause: "exception" };
}
