import { z } from "zod";
import {
  deadlinesSchema,
  labelsSchema,
  localPath,
  pathPattern,
  roles,
  scopeLabelsSchema,
  scopeToken,
} from "./config-parts";
import { contentSecurityPolicySchema } from "./policy-schema";
import { providerSchema } from "./provider-schema";
import { mostGateRoles } from "./role-digests";
import { serviceSchema } from "./service-schema";

/*
 * The shape of `daemun.config.ts`, said once: the server checks by it, and the types of config.ts are inferred from it. At
 * the edge only types come from here, so that the middleware carries no validator; the import-graph test keeps that so.
 */

export const gateSchema = z
  .strictObject({
    /** A path, or a path ending in `/*` for it and everything below it. */
    path: pathPattern,
    /** `public` lets anyone pass; `session` needs someone signed in. */
    access: z.enum(["public", "session"]),
    /** With `session`: the person needs at least one of these roles. */
    roles: z
      .array(
        z
          .string()
          .min(1)
          .max(100)
          .refine((name) => !name.startsWith("~"), "must not begin with ~"),
      )
      .min(1)
      .exactOptional(),
    /**
     * With `session`: lets requests with an access token (`Authorization: Bearer`, or `DPoP`) pass to the route as well, which
     * asks for one by the option `bearer` of `authenticated` and answers 401 without it.
     */
    bearer: z.boolean().exactOptional(),
  })
  .refine(({ access, roles }) => access === "session" || !roles, "a public gate cannot require roles")
  .refine(({ access, bearer }) => access === "session" || !bearer, "a public gate lets every request pass anyway")
  .refine(({ roles, bearer }) => !roles || !bearer, "roles are a session's: the route asks for scopes of a token");

export const sessionSchema = deadlinesSchema.extend({
  /** The deadlines of a sign-in with "Keep me signed in", at most 30 days. Left out, nobody is offered that. */
  remembered: deadlinesSchema.exactOptional(),
  /** How many sessions one person may have at a time. */
  maxPerUser: z.int().min(1).max(1000),
  /**
   * How many seconds ago a sign-in may be for what reaches past a session: ending others, connecting and disconnecting a
   * service. An older one is confirmed at the provider first.
   */
  recentSignInSeconds: z.int().min(1).max(86_400),
  /**
   * How the roles that gates name stand in the session cookie: `names`, as long as they fit, which instances of version
   * 0.1.0 understand; or always as `digests` of their names. Say `digests` once no such instance runs any more.
   */
  cookieRoles: z.enum(["names", "digests"]).exactOptional(),
});

export const accountSchema = z.strictObject({
  /**
   * How many days pass between a user's wish to delete their account and its end, within which signing in undoes it; 14, if
   * absent, and 0 for at once.
   */
  deletionGraceDays: z.int().min(0).max(365).exactOptional(),
});

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be a header's name");

export const resourceSchema = z
  .strictObject({
    /** The resource indicator: an absolute URI without fragment (RFC 8707, section 2). */
    indicator: z
      .url()
      .max(500)
      .regex(/^[^#\s]+$/, "must be an absolute URI without fragment"),
    /** What may be asked for there. Scopes that the person may not have are left out by the provider. */
    scopes: z.array(scopeToken),
    /** What people call it; its indicator, if absent. */
    labels: labelsSchema.exactOptional(),
    /** What people call its scopes. */
    scopeLabels: scopeLabelsSchema.exactOptional(),
    /** The ids of the providers that issue tokens for it; without it, every provider that issues tokens for APIs. */
    providers: z.array(z.string()).min(1).exactOptional(),
    /** What its tokens say in `aud`, where that is not the indicator: Entra names an API by its client id. */
    audience: z.string().min(1).exactOptional(),
    /** Whether tokens that are no JWT are taken, though nobody can see whom they are for. Only in the dialect `resource`. */
    opaqueTokens: z.boolean().exactOptional(),
    /** Opens `GET /api/tokens/[resource]`: scripts in the browser may have its access tokens. False by default, and best so. */
    exposeToBrowser: z.boolean().exactOptional(),
    /** Whether its access tokens are bound to a key of this app's (DPoP, RFC 9449); as the provider says, if absent. */
    dpop: z.boolean().exactOptional(),
  })
  .refine(
    ({ dpop, exposeToBrowser }) => !(dpop && exposeToBrowser),
    "a token of dpop is of no use to a browser: not with exposeToBrowser",
  );

export const sessionShareSchema = z.strictObject({
  /** How many calls of one session to one service run at once, on each instance; 16, if absent. */
  calls: z.int().min(1).max(1000).exactOptional(),
  /** How many more wait for their turn; 100, if absent. One more is `rate_limited`. */
  waitingCalls: z.int().min(0).max(10_000).exactOptional(),
  /** For how many milliseconds they wait; 5000, if absent. */
  waitMs: z.int().min(0).max(9000).exactOptional(),
  /** How many streams of one session are open at once, of all services together, on each instance; 6, if absent. */
  streams: z.int().min(1).max(1000).exactOptional(),
});

export const configSchema = z.strictObject({
  /** How long sessions last. */
  session: sessionSchema,
  /** Where a sign-out leads to that names no page itself, a page that anyone may see; `/signed-out`, if absent. */
  signedOutPath: localPath.exactOptional(),
  /**
   * The roles that pages, actions and routes ask for, besides those that stand elsewhere in this file. Nothing but names: one
   * that stands nowhere does not compile in `requireSession` and `authenticated`.
   */
  roles: z.array(z.string().min(1).max(100)).exactOptional(),
  /** The first gate that fits a path decides. */
  gates: z
    .array(gateSchema)
    .refine(
      (gates) => new Set(gates.flatMap(({ roles = [] }) => roles)).size <= mostGateRoles,
      `name more than ${mostGateRoles} roles together, which no session cookie holds`,
    ),
  /** What the environment cannot say of a provider, by the provider's id. */
  providers: z.record(z.string(), providerSchema).exactOptional(),
  /** The APIs that people may be given access to. */
  resources: z
    .array(resourceSchema)
    .refine(
      (resources) => new Set(resources.map(({ indicator }) => indicator)).size === resources.length,
      "names a resource twice",
    )
    .exactOptional(),
  /** What this app calls on people's behalf, by an id: a lower-case letter, then letters, digits and hyphens. */
  services: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a lower-case letter, then letters, digits or hyphens"),
      serviceSchema,
    )
    .exactOptional(),
  /**
   * The platform's header with the client's address and nothing else, such as `x-real-ip`, where the platform sets it on every
   * request and drops what a client sent under that name. It comes before `TRUSTED_PROXY_HOPS`.
   */
  clientAddressHeader: headerName
    .refine((name) => name.toLowerCase() !== "forwarded", "must hold an address alone, which `Forwarded` does not")
    .exactOptional(),
  /** What becomes of accounts. */
  account: accountSchema.exactOptional(),
  /**
   * Headers in which the platform says where a client is, such as `{ country: "cf-ipcountry" }`, where it sets them on every
   * request and drops what a client sent under that name. Nothing is known of places otherwise, but on Vercel.
   */
  clientPlaceHeaders: z.strictObject({ country: headerName, city: headerName.exactOptional() }).exactOptional(),
  /** Who administers: anybody with one of these roles; `admin`, if absent. */
  admin: z.strictObject({ roles }).exactOptional(),
  /**
   * Whether developers may see the access tokens of their own session on `/account/inspector/tokens`, after a recent sign-in and
   * with an audit row each. False by default, and best so outside development.
   */
  inspector: z.strictObject({ raw: z.boolean().exactOptional() }).exactOptional(),
  /** What pages may load besides what is ours, by directive, and where violations are reported. */
  contentSecurityPolicy: contentSecurityPolicySchema.exactOptional(),
  /** What one session may take of the services at a time. */
  sessionShare: sessionShareSchema.exactOptional(),
});
