import "server-only";
import daemun from "@/daemun.config";
import type {
  ApiResource,
  ClientAuthentication,
  Configuration,
  Labels,
  PresetTraits,
  ProviderTraits,
  ScopeLabels,
  TokenDialect,
} from "@/edge/config";
import type { ProviderType } from "@/edge/provider-ids";
import type { Preset } from "./presets/preset";

/** One provider as environment, configuration and preset describe it. Holds the client secret and keys: never log it. */
export interface ProviderSettings extends Traits, Rules {
  id: string;
  type: ProviderType;
  name: string;
  /** What users read in Korean, where that is another name. */
  koreanName?: string;
  /** What configuration has users read, by language. */
  labels?: Labels;
  /** What configuration calls scopes. */
  scopeLabels?: ScopeLabels;
  /** Where users change there what it says of them; see `accountPageOf`. */
  accountPage?: string;
  issuer: string;
  /** Where its metadata is, if not below the issuer. */
  discoveryUrl: string | null;
  /** Accounts of this issuer are the same users' (it has moved). */
  formerIssuer: string | null;
  clientId: string;
  /** Empty for a client that authenticates in another way. */
  clientSecret: string;
  /** Keys that this client signs with, newest first: PEM (PKCS #8) or JWK. */
  privateKeys: readonly string[];
  /** What a signed client secret says of the key: Apple's team and key ids. */
  secretSigner: { issuer: string; keyId: string } | null;
  /** Whether a logout token must say `typ: logout+jwt`. */
  backchannelRequireTyp: boolean;
  /** Whether a logout token must say when it ends. */
  backchannelRequireExp: boolean;
  /** The API resources that it issues tokens for. */
  resources: readonly ApiResource[];
  /** Where it is, for an authorization server that is no OpenID provider: a service's, or that of `oauth2`. */
  endpoints?: Endpoints;
}

/** How it differs from the standard, nothing left out. */
interface Traits {
  /** Space-separated, as sent. */
  scope: string;
  /** Asked for besides where the provider's metadata names them. */
  scopesWhereSupported: readonly string[];
  /** The `prompt` of an ordinary sign-in, if any: one word or several. */
  prompt: string | null;
  /** The `prompt` that has it authenticate a user once more, where it does not know `login`. */
  freshPrompt?: string;
  /** Parameters that open its registration page; null where metadata says whether it has one. */
  signUp: Readonly<Record<string, string>> | false | null;
  /** Parameters of every authorization request. */
  authorizationParameters: Readonly<Record<string, string>>;
  /** Parameters of every code exchange. */
  tokenParameters: Readonly<Record<string, string>>;
  sendsState: boolean;
  responseMode: "query" | "form_post";
  /** Hosts besides the issuer's on which its endpoints may be. */
  endpointHosts: readonly string[];
  /** How it is asked for tokens of API resources. */
  tokenDialect: TokenDialect;
  /** Resources that it wants to see in every authorization request, and that are no API. */
  reservedResources: readonly string[];
  claims: ClaimPaths;
  emailProof: NonNullable<PresetTraits["emailProof"]>;
  userInfo: { member: string | null; hasSubject: boolean };
  /** What revoking a refresh token takes away there. */
  revocation: "token" | "grant";
  logout: NonNullable<PresetTraits["logout"]>;
  /** Null where its metadata says. */
  clientAuthentication: ClientAuthentication | null;
  /** Whom an assertion that this client signs is for. */
  assertionAudience: "issuer" | "token_endpoint";
  /** Whether authorization requests are pushed also where its metadata does not require it. */
  pushedAuthorization: boolean;
  /** Whether its access tokens are bound to a key of ours, unless a resource says otherwise. */
  dpop: boolean;
  /** How access tokens are judged that API clients send. */
  accessTokens: { requireTyp: boolean; introspection: boolean };
  /** Null for any asymmetric algorithm that metadata lists. */
  idTokenAlg: string | null;
  oauth2: PresetTraits["oauth2"] | null;
  /** What the issuer has to be, with `{tenantid}`; null where there is one issuer. */
  issuerTemplate: string | null;
}

/** What configuration alone says of a provider. */
interface Rules {
  /** For how many seconds claims that were fetched from userinfo are served again. */
  userInfoSeconds: number;
  /** How often it is asked whether it still honours the sign-in of an active user, in seconds; 0 for never. */
  recheckSeconds: number;
  /** What becomes of a session whose refresh it refuses. */
  onRefusedRefresh: "end" | "drop-roles";
  assumeEmailVerified: true | readonly string[] | false;
  signIn: NonNullable<ProviderTraits["signIn"]>;
  newUsers: boolean;
}

/** Names of claims and paths into them. */
export interface ClaimPaths {
  roles: readonly string[];
  organizations: readonly string[];
  organizationRoles: readonly string[];
}

/** The endpoints of an authorization server that is no OpenID provider. */
export interface Endpoints {
  authorization: string;
  token: string;
  revocation: string | null;
  userinfo: string | null;
}

/** A provider that does all as the standards say, and of which configuration says nothing. */
export const standardProvider = {
  discoveryUrl: null,
  formerIssuer: null,
  privateKeys: [],
  secretSigner: null,
  backchannelRequireTyp: true,
  backchannelRequireExp: true,
  resources: [],
  scopesWhereSupported: [],
  prompt: null,
  signUp: null,
  authorizationParameters: {},
  tokenParameters: {},
  sendsState: false,
  responseMode: "query",
  endpointHosts: [],
  tokenDialect: "plain",
  reservedResources: [],
  // Logto's names, which others have taken over.
  claims: { roles: ["roles"], organizations: ["organizations"], organizationRoles: ["organization_roles"] },
  emailProof: { claim: "email_verified" },
  userInfo: { member: null, hasSubject: true },
  revocation: "grant",
  logout: {},
  clientAuthentication: null,
  assertionAudience: "issuer",
  pushedAuthorization: false,
  dpop: false,
  accessTokens: { requireTyp: true, introspection: false },
  idTokenAlg: null,
  oauth2: null,
  issuerTemplate: null,
  userInfoSeconds: 0,
  recheckSeconds: 900,
  onRefusedRefresh: "end",
  assumeEmailVerified: false,
  signIn: {},
  newUsers: true,
} as const satisfies Partial<ProviderSettings>;

/** What variables say of a provider; what is undefined, configuration or the preset says. */
export interface ProviderVariables
  extends Pick<ProviderSettings, "id" | "type" | "issuer" | "clientId" | "clientSecret">,
    Partial<Omit<ProviderSettings, "id" | "type" | "issuer" | "clientId" | "clientSecret">> {
  name: string;
}

/** A provider with what its preset says of it, what `daemun.config.ts` says in its place, and what variables say in theirs. */
export function describeProvider(
  variables: ProviderVariables,
  { names: _names, issuer: _issuer, issuerForm: _form, ...preset }: Preset,
  config: Pick<Configuration, "providers" | "resources"> = daemun,
): ProviderSettings {
  const { id } = variables;
  const configured: ProviderTraits = (Object.hasOwn(config.providers, id) && config.providers[id]) || {};
  const traits = { ...preset, ...configured };
  const own = config.resources.filter(({ providers }) => providers?.includes(id) ?? true);
  const tokenDialect = traits.tokenDialect ?? standardProvider.tokenDialect;
  // These are asked for by the provider's id (server/sessions/registry/policy.ts), or read below.
  const {
    session: _s,
    trustRoles: _r,
    trustEmail: _e,
    acrLevels: _a,
    userInfo,
    accessTokens,
    claims,
    tenants,
    ...plain
  } = traits;
  return {
    ...standardProvider,
    ...plain,
    ...variables,
    endpointHosts: [...(preset.endpointHosts ?? []), ...(configured.endpointHosts ?? [])],
    claims: claimPaths({ ...preset.claims, ...claims }, { isOpenId: traits.oauth2 === undefined }),
    accessTokens: { ...standardProvider.accessTokens, ...accessTokens },
    userInfo: { member: userInfo?.member ?? null, hasSubject: userInfo?.hasSubject ?? true },
    resources: tokenDialect === "plain" ? [] : own,
    ...(traits.oauth2 && { endpoints: endpointsOf(traits.oauth2) }),
    issuerTemplate: isShared(variables.issuer, tenants) ? (tenants?.issuer ?? null) : null,
  };
}

function claimPaths(said: NonNullable<PresetTraits["claims"]>, { isOpenId }: { isOpenId: boolean }): ClaimPaths {
  // Userinfo without OpenID Connect says anything by any name.
  const { roles, organizations, organizationRoles } = isOpenId ? standardProvider.claims : noClaims;
  return {
    roles: [said.roles ?? roles].flat(),
    organizations: [said.organizations ?? organizations].flat(),
    organizationRoles: [said.organizationRoles ?? organizationRoles].flat(),
  };
}

const noClaims: ClaimPaths = { roles: [], organizations: [], organizationRoles: [] };

function endpointsOf(oauth2: NonNullable<PresetTraits["oauth2"]>): Endpoints {
  return {
    authorization: oauth2.authorizationEndpoint,
    token: oauth2.tokenEndpoint,
    revocation: oauth2.revocationEndpoint ?? null,
    userinfo: oauth2.userinfoEndpoint,
  };
}

/** Whether an issuer signs in users of several tenants, each of which has an issuer of its own. */
function isShared(issuer: string, tenants: PresetTraits["tenants"]): boolean {
  return tenants?.shared.some((name) => tenants.issuer.replace("{tenantid}", name) === issuer) ?? false;
}
