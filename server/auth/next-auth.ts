import "server-only";
import { skipCSRFCheck } from "@auth/core";
import NextAuth, { type NextAuthConfig, type NextAuthResult } from "next-auth";
import { env } from "../env";
import { describeError } from "../http/log";
import { sessionPolicy } from "../sessions/policy";
import { sessionCookies } from "../sessions/session-cookies";
import { admitPerson } from "./admit-person";
import { nextAuthProvider } from "./next-auth-provider";
import { getSignInContext, requireSignInContext } from "./sign-in-context";

/** Where NextAuth lives, and the canonical names of its three check cookies, which never leave the house. */
export const authBasePath = "/api/auth";
export const checkCookieNames = { verifier: "daemun.pkce", state: "daemun.state", nonce: "daemun.nonce" } as const;

/**
 * NextAuth as this house uses it: it makes authorization requests, exchanges codes and seals the session cookie. Only
 * the guarded handlers enter it, each time with a request that they composed themselves.
 */
function configure(): NextAuthConfig {
  const { secure } = env();
  const hidden = { httpOnly: true, sameSite: "lax", path: "/", secure } as const;
  return {
    basePath: authBasePath,
    secret: [...env().sessionSecrets],
    trustHost: true,
    useSecureCookies: secure,
    // The guarded handlers have checked the Origin and our own form token before.
    skipCSRFCheck,
    providers: env().providers.map(nextAuthProvider),
    // No adapter here: NextAuth would ask the database before and after our own transaction, and fail on either side of
    // it. The adapter works inside that transaction instead (admit-person.ts).
    session: { strategy: "jwt", maxAge: sessionPolicy().absoluteSeconds },
    pages: { signIn: "/sign-in", error: "/auth-error" },
    cookies: {
      sessionToken: { name: sessionCookies().name, options: hidden },
      pkceCodeVerifier: { name: checkCookieNames.verifier, options: hidden },
      state: { name: checkCookieNames.state, options: hidden },
      nonce: { name: checkCookieNames.nonce, options: hidden },
    },
    jwt: {
      // The cookie is ours from inside too: small claims, no token, opened by the edge with the same codec.
      encode: async () => {
        const { opened } = requireSignInContext();
        if (!opened) throw new Error("A session cookie was asked for without a session.");
        return sessionCookies().seal(opened);
      },
      decode: async () => null,
    },
    callbacks: {
      // The last point before NextAuth would write to the database: everything is written here, at once or not at all.
      signIn: async () => admitPerson(requireSignInContext()),
    },
    logger: {
      // NextAuth's error objects carry tokens and claims in their causes; only their names are kept.
      error: (error) => {
        const context = getSignInContext();
        if (context)
          context.failure ??= { code: "invalid_response", cause: describeError(error).split(/[\s:]/, 1)[0] ?? "" };
      },
      warn: () => {},
      debug: () => {},
    },
  };
}

let instance: NextAuthResult | undefined;

/** Hands a composed request to NextAuth. */
export function enterNextAuth(request: import("next/server").NextRequest): Promise<Response> {
  instance ??= NextAuth(configure());
  return instance.handlers[request.method === "POST" ? "POST" : "GET"](request);
}
