import "server-only";
import { idTokenAlgSchema } from "@/edge/provider-schema";
import type { ProviderMetadata } from "../oidc/metadata";
import { fetchOutbound, parseJsonObject } from "../oidc/outbound";
import type { ProviderSettings } from "../settings/providers";
import { type Finding, found } from "./findings";
import { reasonOf } from "./said";

/** Whether the provider's key set holds a key that its ID tokens can be verified with. */
export async function examineKeys(
  { id, endpoints, idTokenAlg }: ProviderSettings,
  metadata: ProviderMetadata,
): Promise<Finding[]> {
  // Without ID tokens there is nothing to verify.
  if (endpoints) return [];
  const listed = metadata.id_token_signing_alg_values_supported ?? ["RS256"];
  const known: readonly string[] = idTokenAlgSchema.options;
  const algorithms = idTokenAlg === null ? listed.filter((alg) => known.includes(alg)) : [idTokenAlg];
  try {
    const answer = await fetchOutbound(metadata.jwks_uri);
    if (answer.status !== 200) return [found("keySetAway", { reason: `HTTP ${answer.status}` }, id)];
    const { keys } = parseJsonObject(answer);
    const usable = (Array.isArray(keys) ? keys : []).filter((key) => algorithms.some((alg) => isFor(key, alg)));
    const facts = { count: usable.length, algorithms: algorithms.join(", ") };
    return [found(usable.length > 0 ? "keysUsable" : "keysUnusable", facts, id)];
  } catch (error) {
    return [found("keySetAway", { reason: reasonOf(error) }, id)];
  }
}

/** Whether a key may have made a signature by this algorithm (RFC 7517, section 4; RFC 7518, section 3.1). */
function isFor(key: unknown, algorithm: string): boolean {
  const { kty, use, alg, crv } = (key ?? {}) as Record<string, unknown>;
  if ((use !== undefined && use !== "sig") || (alg !== undefined && alg !== algorithm)) return false;
  if (algorithm.startsWith("RS") || algorithm.startsWith("PS")) return kty === "RSA";
  const curves: Readonly<Record<string, string>> = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };
  return algorithm.startsWith("ES") ? kty === "EC" && crv === curves[algorithm] : kty === "OKP";
}
