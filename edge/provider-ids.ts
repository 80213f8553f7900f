type Source = Readonly<Record<string, string | undefined>>;

/** The kinds of providers that have a preset, by the name that `AUTH_<ID>_TYPE` takes. */
export const providerTypes = [
  "oidc",
  "apple",
  "auth0",
  "cognito",
  "discord",
  "entra",
  "github",
  "gitlab",
  "google",
  "kakao",
  "keycloak",
  "line",
  "logto",
  "naver",
  "okta",
  "slack",
  "zitadel",
] as const;

export type ProviderType = (typeof providerTypes)[number];

/** The ids of the providers that the environment names, in order: those of `AUTH_PROVIDERS`, else those of {@link providersIn}. */
export function namedProviders(source: Source): string[] {
  return source.AUTH_PROVIDERS ? source.AUTH_PROVIDERS.split(",").map((id) => id.trim()) : providersIn(source);
}

/**
 * The ids of which an `AUTH_<ID>_ID` is set, and that there is more of: a preset, an issuer, a type or a secret. Others, such as
 * `AUTH_TENANT_ID` and `AUTH_GOOGLE_CLIENT_ID`, are no client ids but variables that nobody reads.
 */
export function providersIn(source: Source): string[] {
  const names = Object.keys(source).flatMap((name) =>
    source[name] ? (/^AUTH_([A-Z0-9_]+)_ID$/.exec(name)?.[1] ?? []) : [],
  );
  // Whose key signs a client secret, and which (AUTH_<ID>_TEAM_ID, _KEY_ID), is no client id.
  const isSigners = (name: string) => names.some((other) => name === `${other}_TEAM` || name === `${other}_KEY`);
  const isProvider = (name: string) =>
    (providerTypes as readonly string[]).includes(idOf(name)) ||
    ["ISSUER", "TYPE"].some((more) => source[`AUTH_${name}_${more}`]) ||
    (!name.endsWith("_CLIENT") && Boolean(source[`AUTH_${name}_SECRET`]));
  return names.filter((name) => !isSigners(name) && isProvider(name)).map(idOf);
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}
