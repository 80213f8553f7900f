import type { AdapterPayload } from "oidc-provider";
import { z } from "zod";

/** RFC 8693, section 2.1. */
export const tokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";

/** An application that may send people here to sign in. */
export const clientRegistrationSchema = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  redirectUris: z.array(z.url()).min(1),
  postLogoutRedirectUris: z.array(z.url()),
  backchannelLogoutUri: z.url().exactOptional(),
  frontchannelLogoutUri: z.url().exactOptional(),
  name: z.string().min(1).exactOptional(),
  /** A refresh token also without offline_access: Logto's setting of this name. */
  alwaysIssueRefreshToken: z.boolean().exactOptional(),
  /** Nobody is asked whether this client may have what it asks for. */
  skipConsent: z.boolean().exactOptional(),
  /** Revoking one refresh token takes all that the user has granted to this client: Google's way. */
  revokesWholeGrant: z.boolean().exactOptional(),
  /** What it may exchange its users' tokens for (RFC 8693); nothing, if absent. */
  tokenExchange: z
    .strictObject({
      /** The scopes of each audience, or resource. */
      audiences: z.record(z.string(), z.array(z.string())),
      /** Who may be the actor: an issuer that publishes its keys at `/.well-known/jwks.json`. */
      actorIssuer: z.url().exactOptional(),
    })
    .exactOptional(),
  /** Its proofs (RFC 9449) have to carry a nonce of the provider's. */
  wantsNonces: z.boolean().exactOptional(),
  /** Its access tokens for APIs are opaque, so that an API has to ask about them (RFC 7662): Hydra's default. */
  opaqueAccessTokens: z.boolean().exactOptional(),
  /** It may ask about the access tokens of every client, as the API that they are for (RFC 7662, section 2.1). */
  introspectsAnyToken: z.boolean().exactOptional(),
  /** Nobody is asked whether to sign out, given a valid id_token_hint of theirs. */
  skipSignOutQuestion: z.boolean().exactOptional(),
});

/** What Logto does for the apps of the company that it belongs to. Each is off for a client that does not say so. */
export const firstParty = { alwaysIssueRefreshToken: true, skipConsent: true, skipSignOutQuestion: true } as const;

export type ClientRegistration = z.infer<typeof clientRegistrationSchema>;

/** An API that asks about the tokens it is shown (RFC 7662 §2.1), of whichever client they are. It signs nobody in. */
export interface ResourceServerRegistration {
  clientId: string;
  clientSecret: string;
}

/** What an API is to the library: a client that may only introspect. */
export function resourceServerMetadata({ clientId, clientSecret }: ResourceServerRegistration): AdapterPayload {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [],
    grant_types: [],
    response_types: [],
    token_endpoint_auth_method: "client_secret_basic",
  };
}

/** The same registration in the metadata names of OpenID Connect Dynamic Client Registration §2. */
export function clientMetadata(client: ClientRegistration): AdapterPayload {
  return {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    client_name: client.name ?? client.clientId,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    // Who may not exchange tokens is told so by the grant type itself, in the RFC's word for it.
    grant_types: ["authorization_code", "refresh_token", tokenExchangeGrant],
    response_types: ["code"],
    token_endpoint_auth_method: "client_secret_basic",
    ...(client.backchannelLogoutUri
      ? { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }
      : {}),
  };
}
