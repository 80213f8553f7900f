import { z } from "zod";
import {
  host,
  labelsSchema,
  parametersSchema,
  pathPattern,
  revocationSchema,
  roles,
  scopeLabelsSchema,
  scopeToken,
} from "./config-parts";

/** What `daemun.config.ts` says of a service behind this app. */

// What the proxy itself has to say, or must not pass on, is nobody's to list.
const reserved =
  /^(?:authorization|dpop|dpop-nonce|proxy-.*|cookie2?|set-cookie2?|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|expect|forwarded|x-forwarded-.*|x-csrf|x-daemun-.*|x-middleware-.*|x-organization|origin|referer|sec-.*|access-control-.*|content-security-policy.*|strict-transport-security|clear-site-data)$/;
const headerName = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, "must be a header's name in lower case")
  .refine((name) => !reserved.test(name), "is a header that the proxy sets itself");

export const routeSchema = z.strictObject({
  /** `HEAD` goes with `GET`. */
  methods: z.array(z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"])).min(1),
  /** A path below the service's base URL, or one ending in `/*` for it and everything below it. */
  path: pathPattern,
  /** The person needs at least one of these roles. */
  roles: roles.exactOptional(),
  /**
   * Whether segments may have parameters (`/orders/1;version=2`). False by default: some servers see them as a part of the
   * name, others not at all. With and without them, a path has to lead to this route.
   */
  pathParameters: z.boolean().exactOptional(),
});

export const authenticationSchema = z.discriminatedUnion("kind", [
  /** With an access token of the person's sign-in provider for a resource of `resources`. */
  z.strictObject({
    kind: z.literal("resource"),
    resource: z.string(),
    /** Each call is made for one of the person's organizations, and the token is for that one alone. */
    perOrganization: z.boolean().exactOptional(),
  }),
  /**
   * As an OAuth client of its own, which the person connects once. Client id, secret and issuer come from the environment
   * (`SERVICE_<ID>_ID`, `_SECRET`, `_ISSUER`); without an issuer to ask, the endpoints are said here.
   */
  z.strictObject({
    kind: z.literal("client"),
    scopes: z.array(scopeToken).min(1),
    /** Scopes that a page may ask for later. */
    optionalScopes: z.array(scopeToken).exactOptional(),
    /** Hosts besides the issuer's own on which its discovery document may have endpoints. */
    endpointHosts: z.array(host).exactOptional(),
    /** What it wants to hear besides when people are sent there: Google gives refresh tokens for `access_type: "offline"`. */
    authorizationParameters: parametersSchema.exactOptional(),
    /** What revoking a refresh token takes away there, as `providers.<id>.revocation` says it of a provider. */
    revocation: revocationSchema.exactOptional(),
    authorizationEndpoint: z.url().exactOptional(),
    tokenEndpoint: z.url().exactOptional(),
    revocationEndpoint: z.url().exactOptional(),
    userinfoEndpoint: z.url().exactOptional(),
  }),
  /**
   * With a token that the provider gives in exchange for the user's own (RFC 8693). It needs an `audience` or a `resource`.
   */
  z.strictObject({
    kind: z.literal("exchange"),
    /** What the provider calls the service: a client's id, with many. */
    audience: z.string().min(1).max(500).exactOptional(),
    /** The service's address, where the provider knows it by that: an absolute URI without fragment. */
    resource: z
      .url()
      .max(500)
      .regex(/^[^#\s]+$/, "must be an absolute URI without fragment")
      .exactOptional(),
    /** What is asked for there; without them, what the provider gives. */
    scopes: z.array(scopeToken).min(1).exactOptional(),
    /** The form of the token; `access_token`, if absent. */
    requestedTokenType: z.enum(["access_token", "jwt"]).exactOptional(),
    /** The indicator of the resource whose token is exchanged; without it, that for the provider's own userinfo. */
    subjectResource: z.string().exactOptional(),
    /** The id of the provider that is asked, with this app's client there; the one of the sign-in, if absent. */
    provider: z.string().exactOptional(),
    /**
     * The ids of the other providers whose users' tokens may be shown to it: those of a user who signed in at another are sent
     * nowhere else. Nobody's but its own, if absent.
     */
    subjectProviders: z.array(z.string()).exactOptional(),
    /** Whether this app says, in a JWT that it signs itself, that it acts (`actor_token`). False by default. */
    actor: z.boolean().exactOptional(),
  }),
  /** With a JWT that this app signs for each call, for a service that takes no provider's token. */
  z.strictObject({
    kind: z.literal("assertion"),
    /** Its `aud`: what the service calls itself. */
    audience: z.string().min(1).max(500),
    /** Its `sub`: the user's id in this app, or the subject that their provider names. `user`, if absent. */
    subject: z.enum(["user", "provider"]).exactOptional(),
    /** What it says of the user besides. Nothing, if absent. */
    include: z.array(z.enum(["roles", "organization"])).exactOptional(),
    /** What it is signed with; `ES256`, if absent. */
    algorithm: z.enum(["ES256", "RS256"]).exactOptional(),
    /** Seconds for which it may be used; 60, if absent. */
    lifetimeSeconds: z.int().min(10).max(600).exactOptional(),
  }),
  /** Not at all. */
  z.strictObject({ kind: z.literal("none") }),
]);

export const serviceSchema = z.strictObject({
  /** What people read, in every language that `labels` leaves out. */
  name: z.string().min(1).max(100),
  /** What people read, by language. */
  labels: labelsSchema.exactOptional(),
  /** What people call the scopes of `authentication`, where it is a client's. */
  scopeLabels: scopeLabelsSchema.exactOptional(),
  /** Where it is; `SERVICE_<ID>_URL` comes first. */
  baseUrl: z.url().exactOptional(),
  /**
   * Whether its address may be `http:` in production: for a network that nobody else can read, a cluster's own. Users' tokens
   * go over it in the clear; the start says so each time. Its authorization server is asked by https all the same.
   */
  allowHttp: z.boolean().exactOptional(),
  /** The path of its page in this app, where it has one: the home page and the connections link there. */
  page: z
    .string()
    .regex(/^\/(?:[\w.~-]+\/)*[\w.~-]+$/, "must be a path of this app")
    .exactOptional(),
  authentication: authenticationSchema,
  /** What a browser may ask of it through `/api/services/<id>/…`. Nothing, if absent. */
  routes: z.array(routeSchema).exactOptional(),
  /** Whether it is told who is asking: `X-Forwarded-User` (our id) and `X-Forwarded-Roles`. */
  forwardUser: z.boolean().exactOptional(),
  /** Headers of a browser's request that reach it besides the usual ones. */
  requestHeaders: z.array(headerName).exactOptional(),
  /** Headers of its answers that reach a browser besides the usual ones. */
  responseHeaders: z.array(headerName).exactOptional(),
  /** Milliseconds until it has to begin to answer; `OUTBOUND_TIMEOUT_MS`, if absent. */
  timeoutMs: z.int().min(100).max(9000).exactOptional(),
  /** How many calls of all sessions together run at once, on each instance; 256, if absent. One more is `overloaded`. */
  maxCalls: z.int().min(1).max(10_000).exactOptional(),
  /** How many streams are open at once, on each instance, each on a connection of its own; 1024, if absent. */
  maxStreams: z.int().min(1).max(100_000).exactOptional(),
});
