import "server-only";
import type { ProviderSettings } from "../provider-settings";
import type { ProviderMetadata } from "./metadata";

/**
 * Adds this client's credentials the way the provider takes them: HTTP Basic, or in the body where the metadata lists
 * only that. Source: RFC 6749, section 2.3.1; OpenID Connect Core 1.0, section 9.
 */
export function authenticateClient(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  headers: Headers,
  body: URLSearchParams,
): void {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  if (!methods.includes("client_secret_basic") && methods.includes("client_secret_post")) {
    headers.delete("authorization");
    body.set("client_id", provider.clientId);
    body.set("client_secret", provider.clientSecret);
    return;
  }
  const credentials = `${formEncode(provider.clientId)}:${formEncode(provider.clientSecret)}`;
  headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
}

// RFC 6749 section 2.3.1 wants both parts form-encoded before they are joined.
function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}
