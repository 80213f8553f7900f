import { createHash } from "node:crypto";
import { decodeJwt, type JWTPayload } from "jose";
import type { TokenOutcome } from "@/auth";

/** What a test may see of an outcome: never the token. */
export function shown(outcome: TokenOutcome) {
  if (outcome.kind !== "token") return outcome;
  const { accessToken, expiresAt, scope, resource, organization } = outcome;
  const sha256 = createHash("sha256").update(accessToken).digest("hex");
  const { sub, aud, organization_id, exp } = claimsOf(accessToken);
  return { kind: outcome.kind, sha256, expiresAt, scope, resource, organization, sub, aud, organization_id, exp };
}

/** Nothing for a token that is no JWT. */
function claimsOf(accessToken: string): JWTPayload {
  try {
    return decodeJwt(accessToken);
  } catch {
    return {};
  }
}
