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
});
