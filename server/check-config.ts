import "server-only";
import { z } from "zod";
import daemun from "@/daemun.config";

const gatePath = z.string().regex(/^\/(?:[\w.~-]+\/)*(?:[\w.~-]+|\*)?$/, "must be a path, or a path ending in /*");

const seconds = z
  .int()
  .min(5)
  .max(30 * 86_400);
const deadlines = z.strictObject({ idleSeconds: seconds, absoluteSeconds: seconds });

// RFC 6749, section 3.3.
const scopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "must be a scope without spaces or quotes");

// What the proxy itself has to say, or must not pass on, is nobody's to list.
const reserved =
  /^(?:authorization|proxy-.*|cookie2?|set-cookie2?|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|expect|forwarded|x-forwarded-.*|x-csrf|x-daemun-.*|x-middleware-.*|x-organization|origin|referer|sec-.*|access-control-.*|content-security-policy.*|strict-transport-security|clear-site-data)$/;
const headerName = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, "must be a header's name in lower case")
  .refine((name) => !reserved.test(name), "is a header that the proxy answers for itself");

// What this house says for itself, and what would say it in its place.
const ownParameter =
  /^(?:client_id|redirect_uri|response_type|response_mode|scope|state|nonce|code_challenge|code_challenge_method|request|request_uri)$/;
const parameterName = z
  .string()
  .regex(/^[a-z0-9_.-]{1,64}$/i, "must be a parameter's name")
  .refine((name) => !ownParameter.test(name), "is a parameter that the house says for itself");

const host = z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/);

const configSchema = z.strictObject({
  session: deadlines.extend({
    remembered: deadlines.optional(),
    maxPerUser: z.int().min(1).max(1000),
    recentSignInSeconds: z.int().min(1).max(86_400),
  }),
  gates: z.array(
    z
      .strictObject({
        path: gatePath,
        access: z.enum(["public", "session"]),
        roles: z.array(z.string().min(1).max(100)).min(1).optional(),
      })
      .refine(({ access, roles }) => access === "session" || !roles, "a public gate asks for no roles"),
  ),
  providers: z.record(
    z.string(),
    z.strictObject({
      endpointHosts: z.array(host).optional(),
      trustRoles: z.boolean().optional(),
      userInfoSeconds: z.int().min(0).max(86_400).optional(),
      tokenDialect: z.enum(["resource", "audience", "scope", "plain"]).optional(),
      session: deadlines
        .partial()
        .extend({ remembered: z.union([deadlines, z.literal(false)]).optional() })
        .optional(),
    }),
  ),
  resources: z
    .array(
      z.strictObject({
        indicator: z
          .url()
          .max(500)
          .regex(/^[^#\s]+$/, "must be an absolute URI without fragment"),
        scopes: z.array(scopeToken),
        providers: z.array(z.string()).min(1).optional(),
        audience: z.string().min(1).optional(),
        opaqueTokens: z.boolean().optional(),
        exposeToBrowser: z.boolean().optional(),
      }),
    )
    .refine(
      (resources) => new Set(resources.map(({ indicator }) => indicator)).size === resources.length,
      "names a resource twice",
    ),
  services: z.record(
    z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a lower-case letter, then letters, digits or hyphens"),
    z.strictObject({
      name: z.string().min(1).max(100),
      baseUrl: z.url().optional(),
      authentication: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("resource"), resource: z.string(), perOrganization: z.boolean().optional() }),
        z.strictObject({
          kind: z.literal("client"),
          scopes: z.array(scopeToken).min(1),
          optionalScopes: z.array(scopeToken).optional(),
          endpointHosts: z.array(host).optional(),
          authorizationParameters: z.record(parameterName, z.string().max(500)).optional(),
          authorizationEndpoint: z.url().optional(),
          tokenEndpoint: z.url().optional(),
          revocationEndpoint: z.url().optional(),
          userinfoEndpoint: z.url().optional(),
        }),
        z.strictObject({ kind: z.literal("none") }),
      ]),
      routes: z
        .array(
          z.strictObject({
            methods: z.array(z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"])).min(1),
            path: gatePath,
            roles: z.array(z.string().min(1).max(100)).min(1).optional(),
          }),
        )
        .optional(),
      forwardUser: z.boolean().optional(),
      requestHeaders: z.array(headerName).optional(),
      responseHeaders: z.array(headerName).optional(),
      timeoutMs: z.int().min(100).max(9000).optional(),
    }),
  ),
  clientAddressHeader: z.string().optional(),
});

/** What is wrong with `daemun.config.ts`, each fault by its place. Types keep most of it away; this keeps the rest. */
export function checkConfig(config: unknown = daemun): string[] {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return unknownResources(parsed.data);
  return parsed.error.issues.map(({ path, message }) => `daemun.config.ts: ${path.join(".")}: ${message}`);
}

function unknownResources({ services, resources }: z.infer<typeof configSchema>): string[] {
  const known = new Set(resources.map(({ indicator }) => indicator));
  return Object.entries(services).flatMap(([id, { authentication }]) =>
    authentication.kind === "resource" && !known.has(authentication.resource)
      ? [`daemun.config.ts: services.${id}.authentication.resource: is no indicator of resources`]
      : [],
  );
}
