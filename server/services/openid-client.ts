import "server-only";
import * as openid from "openid-client";
import { env } from "../env";
import type { ProviderMetadata } from "../oidc/metadata";
import { fetchOutbound } from "../oidc/outbound";
import type { ProviderSettings } from "../provider-settings";

/** `openid-client` for the authorization server of a service. Whatever it fetches goes out by our own limits. */
export function openidClientFor(provider: ProviderSettings, metadata: ProviderMetadata): openid.Configuration {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const isBasic = methods.includes("client_secret_basic") || !methods.includes("client_secret_post");
  const { clientId, clientSecret } = provider;
  const authenticate = isBasic ? openid.ClientSecretBasic(clientSecret) : openid.ClientSecretPost(clientSecret);
  // What it does not say is not there; an empty address is none.
  const said = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== "");
  const client = new openid.Configuration(
    Object.fromEntries(said) as openid.ServerMetadata,
    clientId,
    { client_secret: clientSecret, [openid.clockTolerance]: env().clockToleranceSeconds },
    authenticate,
  );
  // Which addresses may be called without https is the outbound fetch's to say.
  openid.allowInsecureRequests(client);
  client[openid.customFetch] = async (address, { method, headers, body }) => {
    const answer = await fetchOutbound(address, {
      method: method === "POST" ? "POST" : "GET",
      headers,
      ...(body instanceof URLSearchParams || typeof body === "string" ? { body } : {}),
    });
    const shown = new Headers(answer.headers);
    // It was decoded on the way in.
    shown.delete("content-encoding");
    shown.delete("content-length");
    return new Response(answer.body, { status: answer.status, headers: shown });
  };
  return client;
}
