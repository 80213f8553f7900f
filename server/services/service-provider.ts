import "server-only";
import { env } from "../env";
import type { ProviderSettings } from "../provider-settings";
import type { ServiceClient, ServiceSettings } from "../service-settings";

/** A service that people connect, with its client and the way that it authenticates. */
export type ConnectableService = ServiceSettings & {
  client: ServiceClient;
  authentication: Extract<ServiceSettings["authentication"], { kind: "client" }>;
};

export function isConnectable(service: ServiceSettings): service is ConnectableService {
  return service.authentication.kind === "client" && service.client !== null;
}

/** The authorization server of a service, as the protocol code knows providers. It signs nobody in. */
export function providerOf({ id, name, client, authentication }: ConnectableService): ProviderSettings {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, userinfoEndpoint, scopes } = authentication;
  const { endpointHosts = [], authorizationParameters = {} } = authentication;
  const hasEndpoints = client.issuer === null && authorizationEndpoint !== undefined && tokenEndpoint !== undefined;
  return {
    // No provider's id has a colon.
    id: `service:${id}`,
    type: "oidc",
    name,
    issuer: client.issuer ?? new URL(authorizationEndpoint ?? "").origin,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    scope: scopes.join(" "),
    prompt: null,
    authorizationParams: authorizationParameters,
    endpointHosts,
    backchannelRequireTyp: true,
    tokenDialect: "plain",
    reservedResources: [],
    ...(hasEndpoints && {
      endpoints: {
        authorization: authorizationEndpoint,
        token: tokenEndpoint,
        revocation: revocationEndpoint ?? null,
        userinfo: userinfoEndpoint ?? null,
      },
    }),
  };
}

/** Where a service sends people back to. */
export function callbackOf(serviceId: string): string {
  return `${env().authUrl}/api/connect/${serviceId}/callback`;
}
