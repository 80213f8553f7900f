import "server-only";
import type { ErrorCode } from "@/edge/error-codes";

const sessionEnds = [
  "session_idle",
  "session_expired",
  "session_revoked",
  "signed_out_by_provider",
  "account_disabled",
] as const satisfies readonly ErrorCode[];

/** Why a session that once was is over. */
export type SessionEnd = (typeof sessionEnds)[number];

export function isSessionEnd(code: ErrorCode): code is SessionEnd {
  return (sessionEnds as readonly ErrorCode[]).includes(code);
}

/** The code for the reason that a session's row keeps. */
export function endCode(reason: string | null): SessionEnd {
  if (reason === "session_idle" || reason === "session_expired" || reason === "signed_out_by_provider") return reason;
  return reason === "provider_limit" ? "signed_out_by_provider" : "session_revoked";
}
