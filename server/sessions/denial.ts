import "server-only";
import { auditAtOnce } from "../audit/audit";
import type { ActiveSession } from "./session-state";

/** Writes down that somebody signed in was refused at `asked` for want of a role. Its query is left out: it may hold anything. */
export function auditDenial({ user, provider, issuer }: ActiveSession, asked: string): Promise<void> {
  return auditAtOnce({
    event: "authorization.denied",
    outcome: "failure",
    reason: "forbidden",
    userId: user.id,
    provider,
    issuer,
    detail: { path: asked.split("?", 1)[0]?.slice(0, 200) ?? "" },
  });
}
