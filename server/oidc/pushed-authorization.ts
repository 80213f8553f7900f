import "server-only";
import * as openid from "openid-client";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import { isPushed, type ProviderMetadata } from "./metadata";
import { oidcErrorOf, openidClientFor } from "./openid-client";
import { parseJsonObject } from "./outbound";
import { noteRefusal, refusalOf } from "./token-endpoint";

// It becomes a part of an address.
const longestReference = 2_000;

/**
 * Where the browser is sent with an authorization request: as it is, or, where the provider requires it or configuration says
 * so, with `client_id` and a reference to the request alone, which this app has sent there before, authenticated as at the
 * token endpoint.
 *
 * Source: RFC 9126, sections 2 to 4.
 * @param location the authorization endpoint with all that is asked
 * @throws OidcError `provider_unavailable`, `provider_timeout`, `provider_misconfigured` (no endpoint; this client is refused),
 *   `provider_error` (the request is refused; the log says why), `invalid_response`
 */
export async function authorizationAddress(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  location: URL,
): Promise<URL> {
  if (!isPushed(provider, metadata)) return location;
  const client = await openidClientFor(provider, metadata, (answer) => {
    if (answer.status >= 400) {
      noteRefusal(provider, answer);
      return refusalOf(answer);
    }
    if (answer.status !== 201) throw new OidcError("invalid_response", `status_${answer.status}`);
    const { request_uri: reference, expires_in } = parseJsonObject(answer);
    if (typeof reference !== "string" || reference.length > longestReference)
      throw new OidcError("invalid_response", "request_uri");
    return Response.json({ request_uri: reference, expires_in }, { status: 201 });
  });
  const request = new URLSearchParams(location.searchParams);
  // What belongs to the endpoint's own address stays there.
  for (const name of new URL(metadata.authorization_endpoint).searchParams.keys()) request.delete(name);
  try {
    return await openid.buildAuthorizationUrlWithPAR(client, request);
  } catch (error) {
    throw oidcErrorOf(error, provider) ?? error;
  }
}
