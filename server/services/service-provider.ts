import "server-only";
import { env } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import type { ServiceClient, ServiceSettings } from "../settings/services";

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
    ...standardProvider,
    // No provider's id has a colon.
    id: `service:${id}`,
    type: "oidc",
    name,
    issuer: client.issuer ?? new URL(authorizationEndpoint ?? "").origin,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    scope: scopes.join(" "),
    authorizationParameters,
    endpointHosts,
    // It signs nobody in: what it refuses ends its connection alone, and nobody asks it before somebody calls it.
    recheckSeconds: 0,
    revocation: authentication.revocation ?? "grant",
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

/** The authorization servers of all services that people connect. */
export function serviceProviders(): ProviderSettings[] {
  return env().services.filter(isConnectable).map(providerOf);
}

/** Where a service sends people back to. */
export function callbackOf(serviceId: string): string {
  return `${env().authUrl}/api/connect/${serviceId}/callback`;
}
