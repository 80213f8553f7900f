import { randomBytes } from "node:crypto";
import type { Adapter, Configuration, KoaContextWithOIDC } from "oidc-provider";
import { claimsByScope, claimsOf } from "./claims";
import { clientMetadata, resourceServerMetadata, tokenExchangeGrant } from "./client-registration";
import { loadGrant } from "./grants";
import type { IssuerState } from "./issuer-state";
import { Provider } from "./library";
import { deliverLogout } from "./logout-delivery";
import { errorPage } from "./pages/error";
import { organizationOf } from "./permissions";
import { authenticationLevels, interactionPrompts } from "./prompts";
import { severalTargets } from "./refusals";
import { routes } from "./routes";
import { askToSignOut, saySignedOut } from "./sign-out";
import { alreadyUsed } from "./store";
import { checkRefreshTarget, describeResource, organizationBeside } from "./targets";
import { exchangeParameters, exchangeToken } from "./token-exchange";
import { finishAccessToken, storedTokenId } from "./tokens/access-token";

/** Builds an OpenID provider over the state of an issuer. Build another to use the keys as they are then. */
export function createProvider(state: IssuerState): Provider {
  const provider = new Provider(state.issuer, configuration(state));

  // Every ID token has a sid, also for a client that only has a front-channel logout URI.
  provider.Client.prototype.includeSid = () => true;

  // An organization is not named when signing in, so any refresh token may ask for one; membership is checked later.
  // Auth0's refresh tokens are for every audience (multi-resource refresh tokens).
  const registered = Object.getOwnPropertyDescriptor(provider.BaseToken.prototype, "resourceIndicators");
  Object.defineProperty(provider.RefreshToken.prototype, "resourceIndicators", {
    get(): Set<string> {
      const indicators = registered?.get?.call(this) as Set<string>;
      return new (class extends Set<string> {
        override has(indicator: string): boolean {
          return super.has(indicator) || organizationOf(indicator) !== null || state.dialect === "audience";
        }
      })(indicators);
    },
  });

  provider.registerGrantType(tokenExchangeGrant, (ctx) => exchangeToken(provider, state, ctx), exchangeParameters);
  provider.on("grant.success", (ctx) => {
    if (ctx.oidc.params?.grant_type === "refresh_token") state.journal.refreshes += 1;
  });
  provider.on("grant.error", (_ctx, error) => {
    if ("error_detail" in error && error.error_detail === alreadyUsed) state.journal.reuseAlarms += 1;
  });
  provider.on("server_error", (_ctx, error) => console.error(`identity provider ${state.id}:`, error));
  return provider;
}

// Of this process.
const nonceSecret = randomBytes(32);

function configuration(state: IssuerState): Configuration {
  const days = 24 * 60 * 60;
  const accessTokenSeconds = () => state.accessTokenSeconds; // may change while the issuer runs
  return {
    acrValues: [...authenticationLevels],
    adapter: (model: string) => adapterFor(state, model),
    claims: claimsByScope,
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    clientBasedCORS: () => false,
    clockTolerance: 0,
    conformIdTokenClaims: false,
    cookies: {
      // Cookies know no ports: two issuers on localhost would overwrite each other's.
      names: {
        session: `${state.id}_session`,
        interaction: `${state.id}_interaction`,
        resume: `${state.id}_resume`,
      },
      keys: state.cookieKeys,
    },
    discovery: {
      prompt_values_supported: ["none", "login", "select_account", "consent", "create"],
      ui_locales_supported: ["en", "ko"],
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    },
    enabledJWA: {
      idTokenSigningAlgValues: ["RS256"],
      userinfoSigningAlgValues: ["RS256"],
      introspectionSigningAlgValues: ["RS256"],
      authorizationSigningAlgValues: ["RS256"],
    },
    extraTokenClaims: (ctx, token) => {
      const audience = "aud" in token && typeof token.aud === "string" ? token.aud : null;
      const organization = audience && (organizationOf(audience) ?? organizationBeside(state, ctx));
      return organization === null ? undefined : { organization_id: organization };
    },
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: {
        enabled: true,
        nonceSecret,
        requireNonce: (ctx) => state.clients.get(ctx.oidc.client?.clientId ?? "")?.wantsNonces === true,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          token.clientId === client.clientId ||
          state.resourceServers.has(client.clientId) ||
          state.clients.get(client.clientId)?.introspectsAnyToken === true,
      },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => chooseResource(state, ctx, oneOf),
        getResourceServerInfo: (ctx, indicator) => describeResource(state, ctx, indicator),
        useGrantedResource: (ctx) => takesGrantedResource(state, ctx),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, { clientId }, token) => {
          if (token.clientId !== clientId) return false;
          const isWide = state.clients.get(clientId)?.revokesWholeGrant === true;
          if (isWide && "accountId" in token) state.store.revokeGrants({ sub: token.accountId, clientId });
          return true;
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => askToSignOut(state, ctx),
        postLogoutSuccessSource: saySignedOut,
      },
    },
    fetch: (url, options) => deliverLogout(state, url, options),
    findAccount: (_ctx, sub) => {
      const user = state.users.get(sub);
      return user && { accountId: sub, claims: (use) => claimsOf(user, use, state.issuer) };
    },
    formats: {
      customizers: {
        jwt: (ctx, token, { payload }) => finishAccessToken(state, ctx, token, payload),
      },
    },
    interactions: { policy: interactionPrompts(state), url: (_ctx, { uid }) => `${routes.interaction}/${uid}` },
    // The library keeps offline_access only beside prompt=consent (OIDC Core §11).
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed("refresh_token") &&
      (source.scopes.has("offline_access") || state.clients.get(client.clientId)?.alwaysIssueRefreshToken === true),
    jwks: state.keys.privateJwks(),
    loadExistingGrant: (ctx) => loadGrant(state, ctx),
    pkce: { required: () => true },
    renderError: errorPage,
    responseTypes: ["code"],
    rotateRefreshToken: (ctx) => {
      checkRefreshTarget(state, ctx);
      return true;
    },
    routes: routes.protocol,
    scopes: ["openid", "offline_access", ...Object.keys(claimsByScope), ...state.scopes],
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      Grant: 14 * days,
      IdToken: 60 * 60,
      Interaction: 60 * 60,
      RefreshToken: 14 * days,
      Session: 14 * days,
    },
  };
}

function adapterFor(state: IssuerState, model: string): Adapter {
  const stored = state.store.adapter(model);
  if (model === "AccessToken") {
    return { ...stored, find: async (value) => stored.find(await storedTokenId(state, value)) };
  }
  if (model !== "Client") return stored;
  return {
    ...stored,
    find: async (id) => {
      const client = state.clients.get(id);
      if (client) return clientMetadata(client);
      const resourceServer = state.resourceServers.get(id);
      return resourceServer && resourceServerMetadata(resourceServer);
    },
  };
}

// Of several authorized resources, Entra takes the first when a token request names none.
function chooseResource(
  state: IssuerState,
  ctx: KoaContextWithOIDC,
  oneOf: readonly string[] | undefined,
): string | string[] {
  if (state.dialect === "resource" || !oneOf) return [...(oneOf ?? [])];
  if (Array.isArray(ctx.oidc.params?.resource)) throw severalTargets(state.dialect);
  return oneOf[0] ?? [];
}

/** Whether a token request that names no resource is for the one that was authorized, and not for userinfo. */
function takesGrantedResource({ dialect }: IssuerState, ctx: KoaContextWithOIDC): boolean {
  if (dialect === "audience") return ctx.oidc.params?.grant_type === "authorization_code";
  return dialect === "scope" && !ctx.oidc.body?.scope;
}
