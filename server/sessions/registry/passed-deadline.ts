import "server-only";
import type { EndReason } from "./end-sessions";

/** The deadlines of a session, as its row has them. */
export interface Limits {
  expires: Date;
  expiresBy: string;
  idleExpiresAt: Date;
}

export const deadlineReasons = ["session_idle", "session_expired", "provider_limit"] as const satisfies EndReason[];

export type DeadlineReason = (typeof deadlineReasons)[number];

/** The deadline that has passed, the first of several, or null while none has. */
export function passedDeadline({ expires, expiresBy, idleExpiresAt }: Limits, now: Date): DeadlineReason | null {
  // Rolled as far as it goes, the idle deadline is the absolute one.
  if (idleExpiresAt <= now && idleExpiresAt < expires) return "session_idle";
  if (expires > now) return null;
  return expiresBy === "provider" ? "provider_limit" : "session_expired";
}
