import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../../audit/audit";
import { errorReply, failedReply } from "../../http/error-reply";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { findProvider } from "../../settings/env";
import { faultOf, type SignInFailure } from "../sign-in/failed-sign-in";

/** An identity was not linked, or not unlinked. Nothing was written. */
export class LinkingError extends Error {
  override readonly name = "LinkingError";
  /** @param detail a short word for the trail, never a value */
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Who links or unlinks what. */
export interface Linking {
  event: "account.linked" | "account.unlinked";
  session: ActiveSession;
  /** What was asked for: the id of a provider, or anything. */
  provider: string;
}

/** What went wrong, as a code and a short word for the trail. */
export function linkingFailureOf(error: unknown): SignInFailure {
  return error instanceof LinkingError ? { code: error.code, cause: error.detail } : faultOf(error);
}

/** Says why nothing was changed, to the user and in their trail. */
export async function refuseLinking(
  request: Request,
  { event, session, provider }: Linking,
  { code, cause }: SignInFailure,
): Promise<Response> {
  const known = findProvider(provider)?.id;
  await auditAtOnce({
    event,
    outcome: "failure",
    reason: code,
    userId: session.user.id,
    sessionHash: session.hash,
    ...(known !== undefined && { provider: known }),
    detail: { cause },
  });
  const isAway = code === "database_unavailable" || code === "overloaded";
  return isAway ? failedReply(request, code) : errorReply(request, code);
}
