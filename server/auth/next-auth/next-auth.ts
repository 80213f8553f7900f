import "server-only";
import { skipCSRFCheck } from "@auth/core";
import type { NextRequest } from "next/server";
import NextAuth, { customFetch, type NextAuthConfig } from "next-auth";
import { clockTolerance } from "openid-client";
import type { SessionClaims } from "@/edge/session-cookie";
import { describeError } from "../../http/log";
import { OidcError } from "../../oidc/errors";
import type { IdTokenClaims } from "../../oidc/id-token";
import type { ProviderMetadata } from "../../oidc/metadata";
import { sessionCookies } from "../../sessions/cookies/session-cookies";
import { sessionPolicy } from "../../sessions/registry/policy";
import { env } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { type Admission, admitUser } from "../sign-in/admit-user";
import type { SignInFailure } from "../sign-in/failed-sign-in";
import {
  exchangeCode,
  giveBackLater,
  type ReturnedAnswer,
  type ReturnedSignIn,
  type VerifiedSignIn,
} from "./exchange-code";

/** Where NextAuth lives, and the canonical names of its three check cookies, which never leave the app. */
export const authBasePath = "/api/auth";
export const checkCookieNames = { verifier: "daemun.pkce", state: "daemun.state", nonce: "daemun.nonce" } as const;

/** Has NextAuth make an authorization request. */
export function askForAuthorization(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  request: NextRequest,
): Promise<Response> {
  const tooEarly = () => Promise.reject(new Error("NextAuth went past the start of a sign-in."));
  return enter(request, provider, metadata, { exchange: tooEarly, admit: tooEarly, seal: tooEarly, fail: () => {} });
}

/** What came of a sign-in: its session and the session's cookie, or why there is none; then nothing was written. */
export type SignInResult = { opened: SessionClaims; cookie: string } | { failure: SignInFailure };

/** Has NextAuth exchange the code of an answer that signs nobody in: it is verified as a sign-in's is, and no more. */
export async function verifyAnswer(
  signIn: ReturnedAnswer,
  request: NextRequest,
): Promise<{ verified: VerifiedSignIn } | { failure: SignInFailure }> {
  const known: { verified: VerifiedSignIn | null; isPassed: boolean; failure: SignInFailure | null } = {
    verified: null,
    isPassed: false,
    failure: null,
  };
  await enter(request, signIn.provider, signIn.metadata, {
    async exchange(body) {
      known.verified = await exchangeCode(signIn, readied(signIn, body, request));
      return answerFor(signIn, known.verified);
    },
    async admit() {
      known.isPassed = true;
      return false;
    },
    seal: () => Promise.reject(new Error("A cookie was asked for, but nobody signs in.")),
    fail(failure) {
      known.failure ??= failure;
    },
  });
  const { verified, isPassed, failure } = known;
  // Nothing here lives by these tokens: whoever signs in with this identity later gets others.
  if (verified) giveBackLater(signIn.provider, verified.tokens);
  if (verified && isPassed) return { verified };
  return { failure: failure ?? unknownFailure };
}

/** Has NextAuth exchange the code of a sign-in that came back, and the session written before it answers. */
export async function exchangeAnswer(signIn: ReturnedSignIn, request: NextRequest): Promise<SignInResult> {
  // NextAuth's callbacks hand nothing on to each other but by this, which lives for this one call.
  const known: { verified: VerifiedSignIn | null; admission: Admission | null } = { verified: null, admission: null };
  const answered = await enter(request, signIn.provider, signIn.metadata, {
    async exchange(body) {
      known.verified = await exchangeCode(signIn, readied(signIn, body, request));
      return answerFor(signIn, known.verified);
    },
    async admit() {
      if (!known.verified) throw new Error("Nothing was verified.");
      known.admission ??= await admitUser(signIn, known.verified);
      return "opened" in known.admission;
    },
    async seal() {
      if (!known.admission || !("opened" in known.admission))
        throw new Error("A cookie was asked for, but no session.");
      return sessionCookies().seal(known.admission.opened);
    },
    fail(failure) {
      known.admission ??= { failure };
    },
  });
  const { verified, admission } = known;
  if (admission && "opened" in admission) {
    const { opened } = admission;
    return { opened, cookie: sessionCookieOf(answered) ?? (await sessionCookies().seal(opened)) };
  }
  if (verified) giveBackLater(signIn.provider, verified.tokens);
  return admission ?? { failure: unknownFailure };
}

const unknownFailure: SignInFailure = { code: "invalid_response", cause: "unknown" };

/** The parameters of the token request. */
function readied({ provider }: ReturnedAnswer, body: URLSearchParams, request: NextRequest): URLSearchParams {
  // Naver's wish; NextAuth has held it against its own by now.
  if (provider.sendsState) body.set("state", request.nextUrl.searchParams.get("state") ?? "");
  return body;
}

/** What NextAuth gets as the token endpoint's answer. */
function answerFor({ provider }: ReturnedAnswer, { tokens, idToken }: VerifiedSignIn): Record<string, unknown> {
  return {
    // It wants one, and does nothing with it.
    access_token: tokens.accessToken ?? "unused",
    token_type: "bearer",
    // NextAuth knows one issuer, and no tenants.
    id_token: withClaims(tokens.idToken, { ...idToken, iss: provider.issuer }),
  };
}

/**
 * An ID token that says what was verified, and nothing that counts as absent: NextAuth would refuse a sign-in for that. It looks
 * at no signature, and this one's is not of these claims. It never leaves the process.
 *
 * @param idToken the provider's; null where it gives none
 */
function withClaims(idToken: string | null, claims: IdTokenClaims): string {
  const [header, , signature] = (idToken ?? unsigned).split(".");
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}

// By the algorithm that OpenID Connect Core 1.0, section 2, has for a provider that names none.
const unsigned = `${Buffer.from(JSON.stringify({ alg: "RS256" })).toString("base64url")}..bm9uZQ`;

function sessionCookieOf(answered: Response): string | null {
  const prefix = `${sessionCookies().name}=`;
  const header = answered.headers.getSetCookie().find((line) => line.startsWith(prefix));
  return header?.slice(prefix.length).split(";", 1)[0] || null;
}

/** What this app does in NextAuth's place. */
interface Steps {
  /** What the token endpoint answers, verified. */
  exchange(body: URLSearchParams): Promise<Record<string, unknown>>;
  admit(): Promise<boolean>;
  seal(): Promise<string>;
  fail(failure: SignInFailure): void;
}

/** Hands a request that we composed to NextAuth: it makes authorization requests, exchanges codes and asks for the cookie. */
async function enter(
  request: NextRequest,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  steps: Steps,
): Promise<Response> {
  const { secure, sessionSecrets, clockToleranceSeconds } = env();
  const hidden = { httpOnly: true, sameSite: "lax", path: "/", secure } as const;
  const config: NextAuthConfig = {
    basePath: authBasePath,
    secret: [...sessionSecrets],
    trustHost: true,
    useSecureCookies: secure,
    // The guarded handlers have checked the Origin and our own form token before.
    skipCSRFCheck,
    providers: [
      {
        id: provider.id,
        name: provider.name,
        type: "oidc",
        issuer: provider.issuer,
        clientId: provider.clientId,
        // Not the client's: NextAuth never sends the token request itself (exchange-code.ts), and wants something here.
        clientSecret: "unused",
        // By default neither `state` nor `nonce` would be sent.
        checks: ["pkce", "state", "nonce"],
        authorization: {
          params: {
            scope: provider.scope,
            ...(provider.prompt && { prompt: provider.prompt }),
            ...provider.authorizationParameters,
          },
        },
        client: { [clockTolerance]: clockToleranceSeconds },
        [customFetch]: (input: RequestInfo | URL, init?: RequestInit) =>
          answerFetch({ ...metadata, issuer: provider.issuer }, steps, input, init),
        // Who it is, we read from claims that we verified.
        profile: ({ sub }: { sub: string }) => ({ id: sub }),
      },
    ],
    // No adapter here: NextAuth would ask the database before and after our own transaction, and fail on either side of
    // it. The adapter works inside that transaction instead (find-user.ts).
    session: { strategy: "jwt", maxAge: sessionPolicy().absoluteSeconds },
    pages: { signIn: "/sign-in", error: "/auth-error" },
    cookies: {
      sessionToken: { name: sessionCookies().name, options: hidden },
      pkceCodeVerifier: { name: checkCookieNames.verifier, options: hidden },
      state: { name: checkCookieNames.state, options: hidden },
      nonce: { name: checkCookieNames.nonce, options: hidden },
    },
    // The cookie is ours from inside too: small claims, no token, opened by the edge with the same codec.
    jwt: { encode: steps.seal, decode: async () => null },
    // The last point before NextAuth would write to the database: everything is written here, at once or not at all.
    callbacks: { signIn: steps.admit },
    logger: {
      // NextAuth's error objects carry tokens and claims in their causes; only their names are kept.
      error: (error) =>
        steps.fail({ code: "invalid_response", cause: describeError(error).split(/[\s:]/, 1)[0] ?? "" }),
      warn: () => {},
      debug: () => {},
    },
  };
  return NextAuth(config).handlers[request.method === "POST" ? "POST" : "GET"](request);
}

/**
 * The fetch that NextAuth's protocol code gets. Discovery is answered from metadata that we fetched and checked; the
 * token request goes out by our own limits, and its answer reaches NextAuth only after our own verification. Nothing
 * else goes out.
 */
async function answerFetch(
  metadata: ProviderMetadata,
  steps: Steps,
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const address = input instanceof Request ? input.url : String(input);
  try {
    if (address.endsWith("/.well-known/openid-configuration")) {
      // NextAuth refuses a provider without userinfo, though it is only RECOMMENDED. It never calls it for us.
      return Response.json({ userinfo_endpoint: metadata.issuer, ...metadata });
    }
    if (address === new URL(metadata.token_endpoint).href && init?.body instanceof URLSearchParams) {
      return Response.json(await steps.exchange(init.body));
    }
    throw new OidcError("provider_misconfigured", "unexpected_request");
  } catch (error) {
    if (error instanceof OidcError) steps.fail({ code: error.code, cause: error.detail });
    throw error;
  }
}
