import "server-only";
import type { ProviderSettings } from "../provider-settings";
import { authenticateClient } from "./client-authentication";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { fetchOutbound } from "./outbound";

/**
 * Tells the provider that a refresh token is not needed any more. Answers false where it has no place for that.
 *
 * Source: RFC 7009, section 2.1.
 * @throws OidcError when the provider could not be told
 */
export async function revokeRefreshToken(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  refreshToken: string,
): Promise<boolean> {
  if (!metadata.revocation_endpoint) return false;
  const headers = new Headers({ Accept: "application/json" });
  const body = new URLSearchParams({ token: refreshToken, token_type_hint: "refresh_token" });
  authenticateClient(provider, metadata, headers, body);
  const answer = await fetchOutbound(metadata.revocation_endpoint, { method: "POST", headers, body });
  if (answer.status !== 200) throw new OidcError("provider_error", "revocation_status");
  return true;
}
