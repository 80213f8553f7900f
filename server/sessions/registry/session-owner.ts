import "server-only";
import { isIssuerOf } from "../../oidc/issuer";
import { findProvider } from "../../settings/env";
import type { TokenFailure } from "../../tokens/outcome";
import type { TokenOwner } from "../../tokens/owner";
import type { ActiveSession } from "./active-session";

/** Whose tokens a session's are, or why there are none. */
export function ownerOf({ id: sessionId, hash: sessionHash, user, issuer, subject, ...session }: ActiveSession) {
  const provider = findProvider(session.provider);
  if (!provider) return { kind: "refused", code: "unknown_provider" } as const satisfies TokenFailure;
  // Under the same id there is another provider by now: what the former one issued is not for it to see.
  if (!isIssuerOf(provider, issuer))
    return { kind: "refused", code: "reauthentication_required" } as const satisfies TokenFailure;
  return { grantOwner: { sessionId }, sessionHash, userId: user.id, provider, issuer, subject } satisfies TokenOwner;
}
