import "server-only";
import type { ProviderSettings } from "../settings/providers";
import { endSessionEndpoint } from "./end-session";
import { metadataAtHand, type ProviderMetadata } from "./metadata";

/**
 * The host that a browser is sent to when it signs in or connects there, to be told before. Asks nobody: while the endpoint is
 * not known, the issuer's, which names the same provider.
 */
export function signInHost(provider: ProviderSettings, metadata = metadataAtHand(provider)): string {
  return new URL(metadata?.authorization_endpoint ?? provider.issuer).host;
}

/** The same of a sign-out there; null where there is none, or none is known. */
export function signOutHost(provider: ProviderSettings, metadata: ProviderMetadata | null): string | null {
  const endpoint = endSessionEndpoint(provider, metadata);
  return endpoint === null ? null : new URL(endpoint).host;
}
