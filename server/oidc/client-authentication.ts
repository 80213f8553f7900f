import "server-only";
import { importJWK, type JWK } from "jose";
import * as openid from "openid-client";
import type { ClientAuthentication } from "@/edge/config";
import { log } from "../http/log";
import type { ProviderSettings } from "../settings/providers";
import { clientKeys, signAsClient } from "./client-keys";
import { OidcError } from "./errors";
import { isPushed, type ProviderMetadata } from "./metadata";

// Apple takes one of six months. This is made for one request.
const signedSecretSeconds = 300;

/**
 * How this client authenticates: as configured, else HTTP Basic, or in the body where the metadata lists only that.
 *
 * Source: OpenID Connect Core 1.0, section 9; RFC 7523.
 * @throws OidcError `provider_misconfigured` where the provider lists no way that this client has
 */
export function authenticationFor(provider: ProviderSettings, metadata: ProviderMetadata): openid.ClientAuth {
  switch (methodFor(provider, metadata)) {
    case "client_secret_basic":
      return basic(provider);
    case "client_secret_post":
      return openid.ClientSecretPost(provider.clientSecret);
    case "private_key_jwt":
      return signedAssertion(provider, metadata);
    case "signed_secret":
      return signedSecret(provider, metadata);
    case "none":
      return openid.None();
  }
}

function methodFor(
  { clientAuthentication }: ProviderSettings,
  { token_endpoint_auth_methods_supported: listed = ["client_secret_basic"] }: ProviderMetadata,
): ClientAuthentication {
  // What an operator says is so, whatever metadata lists: a provider may do more than it says.
  if (clientAuthentication !== null) return clientAuthentication;
  const method = (["client_secret_basic", "client_secret_post"] as const).find((known) => listed.includes(known));
  if (!method) throw new OidcError("provider_misconfigured", "client_authentication");
  return method;
}

/**
 * Ours, because that of `openid-client` escapes hyphens and dots too, which a form need not, and which a provider that
 * compares without decoding does not know. Source: RFC 6749, section 2.3.1.
 */
function basic({ clientId, clientSecret }: ProviderSettings): openid.ClientAuth {
  const credentials = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  return (_server, _client, _body, headers) => headers.set("authorization", `Basic ${btoa(credentials)}`);
}

/** `openid-client` makes the assertion: `aud` is the issuer, it lives for a minute, and its `jti` comes once. */
function signedAssertion(provider: ProviderSettings, metadata: ProviderMetadata): openid.ClientAuth {
  return async (server, client, body, headers) => {
    const [key] = await clientKeys(provider);
    if (!key) throw new OidcError("provider_misconfigured", "no_private_key");
    const { privateKey, alg, kid } = key;
    const cryptoKey = (await importJWK(privateKey.export({ format: "jwk" }) as JWK, alg)) as CryptoKey;
    const authenticate = openid.PrivateKeyJwt(
      { key: cryptoKey, kid },
      {
        [openid.modifyAssertion]: (header, payload) => {
          // It says Ed25519; older providers know EdDSA alone (RFC 9864).
          header.alg = alg;
          // Of many tenants, the one issuer is a template and nobody's name.
          const isForEndpoint = provider.assertionAudience === "token_endpoint" || provider.issuerTemplate !== null;
          if (isForEndpoint) payload.aud = metadata.token_endpoint;
        },
      },
    );
    await authenticate(server, client, body, headers);
  };
}

/**
 * Apple's way: the client secret is a JWT. Source:
 * https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
 */
function signedSecret(provider: ProviderSettings, { issuer: aud }: ProviderMetadata): openid.ClientAuth {
  return async (_server, _client, body) => {
    if (!provider.secretSigner) throw new OidcError("provider_misconfigured", "no_secret_signer");
    const { issuer: iss, keyId } = provider.secretSigner;
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss, sub: provider.clientId, aud, iat, exp: iat + signedSecretSeconds };
    body.set("client_id", provider.clientId);
    body.set("client_secret", await signAsClient(provider, claims, { keyId }));
  };
}

function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

/**
 * Makes sure, before the browser is sent anywhere, that a sign-in can come to its end there: after the user's password is
 * a bad moment to say what was plain before.
 *
 * Source: OpenID Connect Discovery 1.0, section 3; RFC 9126, section 5; RFC 9101, section 10.5.
 * @throws OidcError `provider_misconfigured`; the log says what is missing
 */
export function requireSupported(provider: ProviderSettings, metadata: ProviderMetadata): void {
  try {
    authenticationFor(provider, metadata);
    if (isPushed(provider, metadata) && metadata.pushed_authorization_request_endpoint === undefined)
      throw unsupported("pushed_authorization_requests");
    if (metadata.require_signed_request_object === true) throw unsupported("signed_request_object");
    const { idTokenAlg } = provider;
    const listed = metadata.id_token_signing_alg_values_supported;
    if (idTokenAlg !== null && listed && !listed.includes(idTokenAlg)) throw unsupported("id_token_alg");
  } catch (error) {
    if (error instanceof OidcError) log.error("provider.unsupported", { provider: provider.id, cause: error.detail });
    throw error;
  }
}

function unsupported(detail: string): OidcError {
  return new OidcError("provider_misconfigured", detail);
}
