import "server-only";
import type { ProviderSettings } from "../provider-settings";
import type { ProviderMetadata } from "./metadata";

/**
 * Where to send the browser so that the provider ends its session too, or null where the provider has no such place.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0, section 2.
 */
export function endSessionUrl(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { idToken, postLogoutRedirectUri, state }: { idToken: string | null; postLogoutRedirectUri: string; state: string },
): URL | null {
  if (!metadata.end_session_endpoint) return null;
  const url = new URL(metadata.end_session_endpoint);
  if (idToken) url.searchParams.set("id_token_hint", idToken);
  url.searchParams.set("client_id", provider.clientId);
  url.searchParams.set("post_logout_redirect_uri", postLogoutRedirectUri);
  url.searchParams.set("state", state);
  return url;
}
