/** The shape of `daemun.config.ts`: data only, no secret. Types live at the edge because every runtime may read them. */

/** What a path asks of its visitor. Anything no gate names needs a session: the house is closed by default. */
export interface Gate {
  /** A path, or a path ending in `/*` for it and everything below it. */
  path: string;
  /** `public` lets anyone pass; `session` needs someone signed in. */
  access: "public" | "session";
  /** With `session`: the person needs at least one of these roles. */
  roles?: readonly string[];
}

/** When a session ends. */
export interface Deadlines {
  /** Seconds without activity after which a session ends. */
  idleSeconds: number;
  /** Seconds after sign-in at which a session ends, however active. */
  absoluteSeconds: number;
}

export interface SessionPolicy extends Deadlines {
  /** The deadlines of a sign-in with "Keep me signed in", at most 30 days. Left out, nobody is offered that. */
  remembered?: Deadlines;
  /** How many sessions one person may have at a time. */
  maxPerUser: number;
  /** How many seconds ago a sign-in may be for ending sessions on other devices without confirming it at the provider. */
  recentSignInSeconds: number;
}

/** What the environment cannot say of a provider; keyed by the provider's id. */
export interface ProviderTraits {
  /** Hosts besides the issuer's own on which this provider keeps endpoints. No secret goes to any other host. */
  endpointHosts?: readonly string[];
  /** Whether its `roles` claim opens gates here; true by default. Say false for a provider that others administer. */
  trustRoles?: boolean;
  /** For how many seconds claims that were fetched from userinfo are served again. 0, and so never, by default. */
  userInfoSeconds?: number;
  /** How this provider is asked for a token of an API resource, where its preset does not know it right. */
  tokenDialect?: TokenDialect;
  /** Deadlines of sessions that begin at this provider, in place of the general ones. Without `remembered` it offers no such sign-in. */
  session?: Partial<Deadlines> & { remembered?: Deadlines | false };
}

/**
 * How a provider is told which API an access token is for: `resource` (RFC 8707), `audience` (Auth0), by the scopes alone
 * (Microsoft Entra), or not at all: a provider with one token for everything.
 */
export type TokenDialect = "resource" | "audience" | "scope" | "plain";

/** A protected API that a sign-in provider issues access tokens for. */
export interface ApiResource {
  /** The resource indicator: an absolute URI without fragment (RFC 8707, section 2). */
  indicator: string;
  /** What may be asked for there. Scopes that the person may not have are left out by the provider. */
  scopes: readonly string[];
  /** The ids of the providers that issue tokens for it; without it, every provider that issues tokens for APIs. */
  providers?: readonly string[];
  /** What its tokens say in `aud`, where that is not the indicator: Entra names an API by its client id. */
  audience?: string;
  /** Whether tokens that are no JWT are taken, though nobody can see whom they are for. Only in the dialect `resource`. */
  opaqueTokens?: boolean;
  /** Opens `GET /api/tokens/[resource]`: scripts in the browser may have its access tokens. False by default, and best so. */
  exposeToBrowser?: boolean;
}

/** What the proxy lets through to a service. */
export interface ServiceRoute {
  /** `GET`, `POST` and so on. `HEAD` goes with `GET`. */
  methods: readonly string[];
  /** A path below the service's base URL, or one ending in `/*` for it and everything below it. */
  path: string;
  /** The person needs at least one of these roles. */
  roles?: readonly string[];
}

/** How this app proves to a service on whose behalf it calls. */
export type ServiceAuthentication =
  /** With an access token of the person's sign-in provider for a resource of `resources`. */
  | {
      kind: "resource";
      resource: string;
      /** Each call is made for one of the person's organizations, and the token is for that one alone. */
      perOrganization?: boolean;
    }
  /**
   * As an OAuth client of its own, which the person connects once. Client id, secret and issuer come from the environment
   * (`SERVICE_<ID>_ID`, `_SECRET`, `_ISSUER`); without an issuer to ask, the endpoints are said here.
   */
  | {
      kind: "client";
      scopes: readonly string[];
      /** Scopes that a page may ask for later. */
      optionalScopes?: readonly string[];
      /** Hosts besides the issuer's own on which its discovery document may have endpoints. */
      endpointHosts?: readonly string[];
      /** What it wants to hear besides when people are sent there: Google gives refresh tokens for `access_type: "offline"`. */
      authorizationParameters?: Readonly<Record<string, string>>;
      authorizationEndpoint?: string;
      tokenEndpoint?: string;
      revocationEndpoint?: string;
      userinfoEndpoint?: string;
    }
  /** Not at all. */
  | { kind: "none" };

/** A service behind this house. Keyed by its id: a lower-case letter, then letters, digits and hyphens. */
export interface Service {
  /** What people read. */
  name: string;
  /** Where it is; `SERVICE_<ID>_URL` comes first. */
  baseUrl?: string;
  authentication: ServiceAuthentication;
  /** What a browser may ask of it through `/api/services/<id>/…`. Nothing, if absent. */
  routes?: readonly ServiceRoute[];
  /** Whether it is told who is asking: `X-Forwarded-User` (our id) and `X-Forwarded-Roles`. */
  forwardUser?: boolean;
  /** Headers of a browser's request that reach it besides the usual ones. */
  requestHeaders?: readonly string[];
  /** Headers of its answers that reach a browser besides the usual ones. */
  responseHeaders?: readonly string[];
  /** Milliseconds until it has to begin to answer; `OUTBOUND_TIMEOUT_MS`, if absent. */
  timeoutMs?: number;
}

export interface DaemunConfig {
  session: SessionPolicy;
  gates: readonly Gate[];
  providers: Readonly<Record<string, ProviderTraits>>;
  resources: readonly ApiResource[];
  services: Readonly<Record<string, Service>>;
  /** The proxy or platform header that carries the client's address, where the platform sets one itself. */
  clientAddressHeader?: string;
}

/** Gives `daemun.config.ts` its type. The values are checked once at start, by the server. */
export function defineConfig<const T extends DaemunConfig>(config: T): T {
  return config;
}
