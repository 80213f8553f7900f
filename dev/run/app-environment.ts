/** What the app is told when everything around it runs on this machine. */
export interface AppEnvironmentOptions {
  port: number;
  /** `http://localhost:<port>` by default. */
  authUrl?: string;
  databaseUrl: string;
  secrets: { authSecret: string; vaultKeys: string };
  /** In the order of the sign-in page. None: what the environment says about providers is left alone. */
  providers: readonly AppProvider[];
  /** Dependent services; none when absent. */
  services?: readonly AppService[];
}

export interface AppProvider {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

export interface AppService {
  id: string;
  url: string;
  /** The app's registration at the service's own authorization server, where it has one. */
  client?: { issuer: string; clientId: string; clientSecret: string };
}

const scope =
  "openid profile email offline_access phone address custom_data identities roles urn:logto:scope:organizations urn:logto:scope:organization_roles";

/** The environment of an app on `http://localhost:<port>`, production build or not: never one that others can reach. */
export function appEnvironment(options: AppEnvironmentOptions): Record<string, string> {
  const { port, databaseUrl, secrets, providers, services = [] } = options;
  const environment: Record<string, string> = {
    PORT: String(port),
    // Not 127.0.0.1: Next writes that as localhost in requests, and NextAuth then misses its own redirect URI.
    AUTH_URL: options.authUrl ?? `http://localhost:${port}`,
    AUTH_SECRET: secrets.authSecret,
    VAULT_KEYS: secrets.vaultKeys,
    DATABASE_URL: databaseUrl,
    DAEMUN_DEMO: "1",
    ALLOW_HTTP_LOOPBACK: "true",
    NEXT_TELEMETRY_DISABLED: "1",
  };
  if (providers.length > 0) environment.AUTH_PROVIDERS = providers.map(({ id }) => id).join(",");
  for (const { id, name, issuer, clientId, clientSecret } of providers) {
    const prefix = `AUTH_${id.toUpperCase()}`;
    Object.assign(environment, {
      [`${prefix}_ID`]: clientId,
      [`${prefix}_SECRET`]: clientSecret,
      [`${prefix}_ISSUER`]: issuer,
      [`${prefix}_NAME`]: name,
      [`${prefix}_SCOPE`]: scope,
    });
  }
  for (const { id, url, client } of services) {
    const prefix = `SERVICE_${id.toUpperCase()}`;
    environment[`${prefix}_URL`] = url;
    if (!client) continue;
    environment[`${prefix}_ISSUER`] = client.issuer;
    environment[`${prefix}_ID`] = client.clientId;
    environment[`${prefix}_SECRET`] = client.clientSecret;
  }
  return environment;
}

/** The redirect URI of an app's client at the authorization server of a service. */
export function connectAddress(appUrl: string, serviceId: string): string {
  return `${appUrl}/api/connect/${serviceId}/callback`;
}

/** The addresses of an app's client at a provider: what has to be registered there. */
export function clientAddresses(appUrl: string, providerId: string) {
  return {
    redirectUris: [`${appUrl}/api/auth/callback/${providerId}`],
    postLogoutRedirectUris: [`${appUrl}/signed-out`],
    backchannelLogoutUri: `${appUrl}/api/oidc/${providerId}/backchannel-logout`,
    frontchannelLogoutUri: `${appUrl}/api/oidc/${providerId}/frontchannel-logout`,
  };
}
