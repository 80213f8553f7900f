import "server-only";
import * as openid from "openid-client";
import { env } from "../env";
import { OidcError } from "../oidc/errors";
import type { ProviderMetadata } from "../oidc/metadata";
import { fetchOutbound, type OutboundAnswer, parseJsonObject } from "../oidc/outbound";
import type { ProviderSettings } from "../provider-settings";

/**
 * `openid-client` for the authorization server of a service. Whatever it fetches goes out by our own limits.
 *
 * @param wantsIdToken where false, an ID token that comes all the same is not looked at
 */
export function openidClientFor(
  { clientId, clientSecret }: ProviderSettings,
  metadata: ProviderMetadata,
  { wantsIdToken }: { wantsIdToken: boolean },
): openid.Configuration {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const isBasic = methods.includes("client_secret_basic") || !methods.includes("client_secret_post");
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
    return shown(answer, wantsIdToken);
  };
  return client;
}

function shown(answer: OutboundAnswer, wantsIdToken: boolean): Response {
  const { status, body } = answer;
  if (status >= 500 || status === 429) throw new OidcError("provider_unavailable", `status_${status}`);
  if (status === 200) {
    const { id_token, ...others } = parseJsonObject(answer);
    return Response.json(wantsIdToken && id_token !== undefined ? { ...others, id_token } : others);
  }
  const headers = new Headers(answer.headers);
  // It was decoded on the way in.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(body, { status, headers });
}
