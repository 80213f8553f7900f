import "server-only";
import { randomBytes } from "node:crypto";
import { ProofKey } from "../oidc/dpop";
import { OidcError } from "../oidc/errors";
import type { ProviderMetadata } from "../oidc/metadata";
import { requestTokens } from "../oidc/token-endpoint";
import { isBound } from "../settings/bound";
import type { ProviderSettings } from "../settings/providers";
import { type Finding, found } from "./findings";
import { reasonOf } from "./said";

// What is said of a code that nobody gave out; the last is GitHub's word.
const codeRefusals: ReadonlySet<string> = new Set(["invalid_grant", "bad_verification_code"]);

/**
 * Whether the token endpoint knows this client: it is sent a code that it never gave out. Who is refused for the code was known
 * before (RFC 6749, section 5.2).
 */
export async function examineClient(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  redirectUri: string,
): Promise<Finding[]> {
  const { id } = provider;
  const random = () => randomBytes(32).toString("base64url");
  const parameters = new URLSearchParams({
    grant_type: "authorization_code",
    code: random(),
    redirect_uri: redirectUri,
    code_verifier: random(),
  });
  try {
    // As at a sign-in: some take no request without a proof.
    const proofKey = isBound(provider, { resource: "" }) ? await ProofKey.make() : null;
    const answer = await requestTokens(provider, metadata, parameters, proofKey);
    const error = answer.kind === "error" ? answer.error : answer.kind;
    if (codeRefusals.has(error)) return [found("clientAccepted", {}, id)];
    return [found(error === "status_401" ? "clientRefused" : "clientUnclear", { error }, id)];
  } catch (error) {
    if (error instanceof OidcError && error.code === "provider_misconfigured")
      return [found("clientRefused", { error: error.detail }, id)];
    return [found("clientUnclear", { error: reasonOf(error) }, id)];
  }
}
