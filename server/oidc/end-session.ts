import "server-only";
import type { ProviderSettings } from "../settings/providers";
import type { ProviderMetadata } from "./metadata";

// Servers read a request line of 8 KB.
const longestAddress = 7_500;

/** Where a provider's own session ends; null where it has no such place. What is configured needs no metadata. */
export function endSessionEndpoint({ logout }: ProviderSettings, metadata: ProviderMetadata | null): string | null {
  return logout.endpoint ?? metadata?.end_session_endpoint ?? null;
}

/**
 * Where to send the browser so that the provider ends its session too, or null where the provider has no such place.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0, section 2; some providers name the address to come back to otherwise, or
 * know no `id_token_hint` (`logout` of daemun.config.ts).
 */
export function endSessionUrl(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  asked: { idToken: string | null; postLogoutRedirectUri: string; state: string; locale: string | null },
): URL | null {
  const endpoint = endSessionEndpoint(provider, metadata);
  if (endpoint === null) return null;
  const url = new URL(endpoint);
  const { redirectParameter = "post_logout_redirect_uri", idTokenHint = true } = provider.logout;
  const { idToken, postLogoutRedirectUri, state, locale } = asked;
  if (idToken && idTokenHint) url.searchParams.set("id_token_hint", idToken);
  url.searchParams.set("client_id", provider.clientId);
  url.searchParams.set(redirectParameter, postLogoutRedirectUri);
  url.searchParams.set("state", state);
  if (locale !== null) url.searchParams.set("ui_locales", locale);
  // A hint is recommended, and no more: without it the provider asks, where with it no server would read the address.
  if (url.href.length > longestAddress) url.searchParams.delete("id_token_hint");
  return url;
}
