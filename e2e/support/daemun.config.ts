import { defineConfig } from "@/edge/config";

const presets = "apple auth0 cognito entra gitlab google kakao keycloak line logto naver okta slack zitadel".split(" ");
const withApis = ["company", "partner", "auth0", "cognito", "entra", "keycloak", "logto", "okta", "zitadel", "hydra"];
// A test that has an authorization server without ID tokens says where it is.
const hub = process.env.TEST_HUB || "https://hub.example";
// The same of a provider of many tenants.
const tenants = process.env.TEST_TENANTS || "https://tenants.example";

/** The configuration that every test is written against, whatever the developer's own says. */
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
    { path: "/favicon.ico", access: "public" },
    { path: "/apple-icon.png", access: "public" },
    { path: "/icon-512.png", access: "public" },
    { path: "/manifest.webmanifest", access: "public" },
    { path: "/robots.txt", access: "public" },
    { path: "/.well-known/oauth-protected-resource/*", access: "public" },
    { path: "/.well-known/jwks.json", access: "public" },
    { path: "/healthz", access: "public" },
    { path: "/readyz", access: "public" },
    { path: "/api/auth/*", access: "public" },
    { path: "/api/oidc/*", access: "public" },
    { path: "/api/session", access: "public" },
    { path: "/api/locale", access: "public" },
    { path: "/api/theme", access: "public" },
    { path: "/api/cron/*", access: "public" },
    { path: "/api/admin/*", access: "session", roles: ["admin"] },
    { path: "/admin/*", access: "session", roles: ["admin"] },
  ],

  providers: {
    company: { trustRoles: true, trustEmail: true, acrLevels: ["urn:daemun:acr:1", "urn:daemun:acr:2"] },
    partner: { trustRoles: true, trustEmail: true },
    // The rest is there where a test says so: e2e/support/other-providers.ts.
    shaped: {
      trustRoles: true,
      trustEmail: true,
      claims: {
        roles: ["https://app.example/roles", "realm_access.roles", "resource_access.{clientId}.roles"],
        organizations: "organization",
      },
    },
    nested: { trustRoles: true, trustEmail: true, userInfo: { member: "response", hasSubject: false } },
    untold: {},
    assumed: { trustEmail: true, assumeEmailVerified: ["company.example"] },
    staff: { trustEmail: true, signIn: { emailDomains: ["company.example"], roles: ["admin", "support"] } },
    closed: { newUsers: false },
    hub: {
      trustEmail: true,
      oauth2: {
        authorizationEndpoint: `${hub}/login/oauth/authorize`,
        tokenEndpoint: `${hub}/login/oauth/access_token`,
        userinfoEndpoint: `${hub}/user`,
        emailsEndpoint: `${hub}/user/emails`,
        subject: "id",
      },
    },
    tenants: {
      trustEmail: true,
      tenants: { issuer: `${tenants}/{tenantid}/v2.0`, shared: ["organizations"] },
      signIn: { tenants: ["tenant-a", "tenant-b"] },
    },
    // Those of the presets: e2e/integration/sign-in/presets.test.ts.
    ...Object.fromEntries(presets.map((id) => [id, { trustRoles: true, trustEmail: true }])),
    keycloak: { trustRoles: true, trustEmail: true, acrLevels: ["urn:daemun:acr:1", "urn:daemun:acr:2"] },
    // Of the field's tests. An API that Hydra gives tokens for is what its clients call an audience.
    hydra: { trustRoles: true, trustEmail: true, tokenDialect: "audience", assertionAudience: "token_endpoint" },
  },

  // What a test wants of it, it tells the process.
  ...(process.env.TEST_INSPECTOR_RAW === "1" && { inspector: { raw: true } }),

  resources: [
    {
      indicator: "https://shopping.example/api",
      scopes: ["shopping:read", "shopping:write"],
      // What a test wants of it, it tells the process.
      ...(process.env.TEST_DPOP === "shopping" && { dpop: true }),
      providers: withApis,
    },
    {
      indicator: "https://store.example/api",
      labels: { en: "Shelves", ko: "선반" },
      scopes: ["store:read", "store:write"],
      providers: withApis,
    },
  ],

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
      labels: { ko: "노트" },
      scopeLabels: {
        "notes:read": { en: "Read your notes", ko: "메모 읽기" },
        "notes:write": { en: "Write notes for you" },
      },
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        optionalScopes: ["notes:write"],
        // offline_access is given with consent alone (OpenID Connect Core 1.0, section 11).
        authorizationParameters: { prompt: "consent" },
      },
      routes: [{ methods: ["GET", "POST"], path: "/notes" }],
    },
  },
});
