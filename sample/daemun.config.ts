import { defineConfig } from "@/edge/config";
import daemun from "../daemun.config";

/** What a build with the sample uses: the developer's own configuration, and the APIs and services of the demo. */
export default defineConfig({
  ...daemun,

  // With more than one provider, roles and addresses count only from those that are trusted with them.
  providers: {
    company: { trustRoles: true, trustEmail: true },
    partner: { trustRoles: false, trustEmail: true },
    ...daemun.providers,
  },

  resources: [
    ...daemun.resources,
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

  // Where they are, the environment says.
  services: {
    shopping: {
      name: "Shopping",
      page: "/services/shopping",
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
      page: "/services/store",
      authentication: { kind: "resource", resource: "https://store.example/api", perOrganization: true },
      routes: [
        { methods: ["GET"], path: "/inventory" },
        { methods: ["POST"], path: "/inventory", roles: ["admin"] },
      ],
    },
    notes: {
      name: "Notes",
      page: "/services/notes",
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        optionalScopes: ["notes:write"],
        // offline_access is given with consent alone (OpenID Connect Core 1.0, section 11).
        authorizationParameters: { prompt: "consent" },
      },
      routes: [{ methods: ["GET", "POST"], path: "/notes" }],
    },
    ...daemun.services,
  },
});
