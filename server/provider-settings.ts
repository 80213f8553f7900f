import "server-only";
import type { TokenDialect } from "@/edge/config";
import { isLoopbackHost } from "./loopback";

/** One OpenID Connect provider as the environment configures it. Holds the client secret: never log it. */
export interface ProviderSettings {
  id: string;
  type: ProviderType;
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Space-separated, as sent. */
  scope: string;
  /** The `prompt` of an ordinary sign-in, if any. */
  prompt: string | null;
  /** Parameters that this kind of provider wants with every authorization request. */
  authorizationParams: Readonly<Record<string, string>>;
  /** Hosts besides the issuer's on which its endpoints may be. */
  endpointHosts: readonly string[];
  /** Whether a logout token must say `typ: logout+jwt`. */
  backchannelRequireTyp: boolean;
  /** How it is asked for tokens of API resources, unless `daemun.config.ts` says otherwise. */
  tokenDialect: TokenDialect;
  /** Resources that it wants to see in every authorization request, and that are no API. */
  reservedResources: readonly string[];
  /** Where it is, for one that has no discovery document. */
  endpoints?: Endpoints;
}

/** The endpoints of an OAuth service that is no OpenID provider. */
export interface Endpoints {
  authorization: string;
  token: string;
  revocation: string | null;
  userinfo: string | null;
}

interface Preset {
  name?: string;
  issuer?: string;
  scope: string;
  prompt: string | null;
  authorizationParams?: Record<string, string>;
  endpointHosts?: string[];
  tokenDialect: TokenDialect;
  reservedResources?: string[];
}

export type ProviderType = "oidc" | "google" | "auth0" | "entra" | "logto";

const offlineScope = "openid profile email offline_access";

const presets: Record<ProviderType, Preset> = {
  oidc: { scope: offlineScope, prompt: null, tokenDialect: "resource" },
  google: {
    name: "Google",
    issuer: "https://accounts.google.com",
    // Google gives refresh tokens for access_type=offline and refuses the scope offline_access.
    scope: "openid profile email",
    prompt: "select_account",
    authorizationParams: { access_type: "offline" },
    endpointHosts: ["oauth2.googleapis.com", "www.googleapis.com", "openidconnect.googleapis.com"],
    tokenDialect: "plain",
  },
  auth0: { name: "Auth0", scope: offlineScope, prompt: null, tokenDialect: "audience" },
  entra: {
    name: "Microsoft",
    scope: offlineScope,
    prompt: null,
    // Its userinfo endpoint is Microsoft Graph's.
    endpointHosts: ["graph.microsoft.com"],
    tokenDialect: "scope",
  },
  logto: {
    name: "Logto",
    scope: `${offlineScope} roles urn:logto:scope:organizations urn:logto:scope:organization_roles`,
    prompt: null,
    tokenDialect: "resource",
    reservedResources: ["urn:logto:resource:organizations"],
  },
};

type Source = Readonly<Record<string, string | undefined>>;

/**
 * The providers that the environment names, in order: those of `AUTH_PROVIDERS`, else every `AUTH_<ID>_ID`.
 * Adds to `faults` what is wrong, by variable name, never by value.
 */
export function readProviders(
  source: Source,
  { allowHttpLoopback }: { allowHttpLoopback: boolean },
  faults: string[],
): ProviderSettings[] {
  const ids = source.AUTH_PROVIDERS
    ? source.AUTH_PROVIDERS.split(",").map((id) => id.trim())
    : Object.keys(source)
        .flatMap((name) => (source[name] ? (/^AUTH_([A-Z0-9_]+)_ID$/.exec(name)?.[1] ?? []) : []))
        .map((id) => id.toLowerCase().replaceAll("_", "-"));
  if (ids.length === 0) faults.push("AUTH_PROVIDERS names no provider, and no AUTH_<ID>_ID is set.");
  if (new Set(ids).size < ids.length) faults.push("AUTH_PROVIDERS names a provider twice.");
  return [...new Set(ids)].flatMap((id) => readProvider(source, id, allowHttpLoopback, faults) ?? []);
}

function readProvider(
  source: Source,
  id: string,
  allowHttpLoopback: boolean,
  faults: string[],
): ProviderSettings | null {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(id)) {
    faults.push("AUTH_PROVIDERS: a provider id is a lower-case letter and up to 31 letters, digits or hyphens.");
    return null;
  }
  const prefix = `AUTH_${id.toUpperCase().replaceAll("-", "_")}`;
  const read = (name: string) => source[`${prefix}_${name}`] || undefined;

  const type = read("TYPE") ?? (Object.hasOwn(presets, id) ? id : "oidc");
  if (!Object.hasOwn(presets, type)) {
    faults.push(`${prefix}_TYPE must be one of ${Object.keys(presets).join(", ")}.`);
    return null;
  }
  const preset = presets[type as ProviderType];
  const clientId = read("ID");
  const clientSecret = read("SECRET");
  const issuer = read("ISSUER") ?? preset.issuer;
  if (!clientId) faults.push(`${prefix}_ID is missing: the client id that the provider gave this app.`);
  if (!clientSecret) faults.push(`${prefix}_SECRET is missing: the client secret that the provider gave this app.`);
  else if (/change.?me|your[-_ ]|replace[-_ ]/i.test(clientSecret))
    faults.push(`${prefix}_SECRET looks like an example.`);
  if (!issuer) faults.push(`${prefix}_ISSUER is missing: the provider's issuer, as its discovery document gives it.`);
  else if (!isIssuer(issuer, allowHttpLoopback)) {
    faults.push(
      `${prefix}_ISSUER must be an https address without query or fragment (http only on loopback, in development).`,
    );
  }
  const scope = read("SCOPE") ?? preset.scope;
  if (!scope.split(" ").includes("openid")) faults.push(`${prefix}_SCOPE must contain openid.`);
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope)) {
    faults.push(`${prefix}_SCOPE must be scopes separated by single spaces.`);
  }
  const prompt = read("PROMPT") ?? preset.prompt;
  if (prompt && !["login", "select_account", "consent"].includes(prompt)) {
    faults.push(`${prefix}_PROMPT must be login, select_account or consent.`);
  }
  const requireTyp = read("BACKCHANNEL_REQUIRE_TYP") ?? "true";
  if (!["true", "false"].includes(requireTyp)) faults.push(`${prefix}_BACKCHANNEL_REQUIRE_TYP must be true or false.`);
  if (!clientId || !clientSecret || !issuer) return null;
  return {
    id,
    type: type as ProviderType,
    name: read("NAME") ?? preset.name ?? id,
    issuer,
    clientId,
    clientSecret,
    scope,
    prompt,
    authorizationParams: preset.authorizationParams ?? {},
    endpointHosts: preset.endpointHosts ?? [],
    backchannelRequireTyp: requireTyp === "true",
    tokenDialect: preset.tokenDialect,
    reservedResources: preset.reservedResources ?? [],
  };
}

function isIssuer(text: string, allowHttpLoopback: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.search || url.hash || url.username || url.password) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname) && allowHttpLoopback);
}
