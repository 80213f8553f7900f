import { createHash } from "node:crypto";
import { readAccessTokenClaims } from "@/server/oidc/dialects";
import type { TokenOutcome } from "@/server/tokens/outcome";

/** What a test may see of an outcome: never the token. */
export function shown(outcome: TokenOutcome) {
  if (outcome.kind !== "token") return outcome;
  const { accessToken, expiresAt, scope, resource, organization } = outcome;
  const sha256 = createHash("sha256").update(accessToken).digest("hex");
  const { sub, aud, organization_id, exp } = readAccessTokenClaims(accessToken) ?? {};
  return { kind: outcome.kind, sha256, expiresAt, scope, resource, organization, sub, aud, organization_id, exp };
}
