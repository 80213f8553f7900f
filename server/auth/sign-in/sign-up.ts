import "server-only";
import type { ProviderMetadata } from "../../oidc/metadata";
import type { ProviderSettings } from "../../settings/providers";

/**
 * What an authorization request says so that the provider shows its registration page first, or null where it has none that
 * could be asked for. Source: Initiating User Registration via OpenID Connect 1.0, section 4.1.
 *
 * @param metadata null while it is not known
 */
export function signUpParameters(
  { signUp }: ProviderSettings,
  metadata: ProviderMetadata | null,
): Readonly<Record<string, string>> | null {
  if (signUp !== null) return signUp || null;
  return metadata?.prompt_values_supported?.includes("create") ? { prompt: "create" } : null;
}
