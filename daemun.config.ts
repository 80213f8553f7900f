import { defineConfig } from "@/edge/config";

/**
 * The one file that a developer edits. Who signs people in comes from the environment (`AUTH_<ID>_…`);
 * what they may see, and for how long, is said here.
 */
export default defineConfig({
  session: {
    idleSeconds: 30 * 60,
    absoluteSeconds: 12 * 60 * 60,
    // "Keep me signed in". Leave it out, and nobody is offered that.
    remembered: { idleSeconds: 14 * 24 * 60 * 60, absoluteSeconds: 30 * 24 * 60 * 60 },
    maxPerUser: 20,
    recentSignInSeconds: 10 * 60,
  },

  // The first gate that fits decides. A path that no gate names needs a session.
  gates: [
    { path: "/", access: "public" },
    { path: "/sign-in", access: "public" },
    { path: "/sign-out", access: "public" },
    { path: "/signed-out", access: "public" },
    { path: "/auth-error", access: "public" },
    { path: "/icon.svg", access: "public" },
    { path: "/robots.txt", access: "public" },
    { path: "/healthz", access: "public" },
    { path: "/readyz", access: "public" },
    { path: "/api/auth/*", access: "public" },
    { path: "/api/oidc/*", access: "public" },
    { path: "/api/session", access: "public" },
    { path: "/api/locale", access: "public" },
    { path: "/api/cron/*", access: "public" },
    { path: "/admin/*", access: "session", roles: ["admin"] },
  ],

  providers: {},

  // The APIs that people may be given access to, by the providers that issue tokens for them. These are the demo's.
  resources: [
    {
      indicator: "https://shopping.example/api",
      scopes: ["shopping:read", "shopping:write"],
      providers: ["company", "partner"],
    },
    {
      indicator: "https://store.example/api",
      scopes: ["store:read", "store:write"],
      providers: ["company", "partner"],
    },
  ],

  // What this house calls on people's behalf. These are the demo's too; where they are, the environment says.
  services: {
    shopping: {
      name: "Shopping",
      authentication: { kind: "resource", resource: "https://shopping.example/api" },
      routes: [
        { methods: ["GET", "POST"], path: "/orders" },
        { methods: ["GET", "DELETE"], path: "/orders/*" },
        { methods: ["GET"], path: "/events" },
        { methods: ["POST"], path: "/uploads" },
        { methods: ["GET"], path: "/downloads/*" },
      ],
    },
    store: {
      name: "Store",
      authentication: { kind: "resource", resource: "https://store.example/api", perOrganization: true },
      routes: [
        { methods: ["GET"], path: "/inventory" },
        { methods: ["POST"], path: "/inventory", roles: ["admin"] },
      ],
    },
    notes: {
      name: "Notes",
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        optionalScopes: ["notes:write"],
      },
      routes: [{ methods: ["GET", "POST"], path: "/notes" }],
    },
  },
});
