import "server-only";
import { browserCookieName, createBrowserId, isBrowserId } from "@/edge/form-token";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, shut } from "../http/error-reply";
import { formTokenFor } from "../sessions/form-token";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { peekSessionState } from "../sessions/session-state";
import { finishSignIn } from "./finish-sign-in";
import { signOut } from "./sign-out";
import { startSignIn } from "./start-sign-in";

/**
 * The guarded handlers: the only doors under `/api/auth`, each for one method. NextAuth is behind some of them and
 * never answers a browser itself.
 *
 * @param path the segments behind `/api/auth`
 */
export async function handleAuthRequest(request: Request, path: readonly string[]): Promise<Response> {
  const response = await route(request, path);
  response.headers.set("Cache-Control", "private, no-store");
  for (const name of readCookies(request).keys()) {
    // NextAuth's canonical cookies are never ours. Left from elsewhere or planted, they only cost bytes.
    if (/^(?:__Secure-|__Host-)?(?:authjs|next-auth)\.[\w.-]{1,60}$/.test(name)) {
      response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
    }
  }
  return response;
}

async function route(request: Request, [action, providerId, ...rest]: readonly string[]): Promise<Response> {
  const door = doors[action ?? ""];
  if (!door || rest.length > 0 || door.takesProvider !== (providerId !== undefined)) return shut(404);
  if (request.method !== door.method) return shut(405, { Allow: door.method });
  const provider = env().providers.find(({ id }) => id === providerId);
  if (!door.takesProvider) return door.open(request);
  return provider ? door.open(request, provider) : errorReply(request, "unknown_provider");
}

type Door =
  | { method: "GET" | "POST"; takesProvider: false; open: (request: Request) => Promise<Response> }
  | { method: "GET" | "POST"; takesProvider: true; open: typeof startSignIn };

const doors: Readonly<Record<string, Door>> = Object.assign(Object.create(null) as Record<string, Door>, {
  csrf: { method: "GET", takesProvider: false, open: giveFormToken },
  providers: { method: "GET", takesProvider: false, open: async () => describeProviders() },
  session: { method: "GET", takesProvider: false, open: async () => describeSession() },
  signin: { method: "POST", takesProvider: true, open: startSignIn },
  callback: { method: "GET", takesProvider: true, open: finishSignIn },
  signout: { method: "POST", takesProvider: false, open: signOut },
} satisfies Record<string, Door>);

/** A form token for this session, or for this browser, which gets a cookie to bind it to if it has none. */
async function giveFormToken(request: Request): Promise<Response> {
  const claims = await readSessionClaims(readCookies(request).get(sessionCookies().name));
  if (claims) return Response.json({ csrfToken: await formTokenFor({ kind: "session", id: claims.sid }) });
  const name = browserCookieName(env().secure);
  const known = readCookies(request).get(name);
  const id = isBrowserId(known) ? known : createBrowserId();
  const response = Response.json({ csrfToken: await formTokenFor({ kind: "browser", id }) });
  if (id !== known) response.headers.append("Set-Cookie", cookieHeader(name, id, null));
  return response;
}

/** In the form that NextAuth's clients know. */
function describeProviders(): Response {
  const { authUrl, providers } = env();
  const entries = providers.map(({ id, name }) => [
    id,
    {
      id,
      name,
      type: "oidc",
      signinUrl: `${authUrl}/api/auth/signin/${id}`,
      callbackUrl: `${authUrl}/api/auth/callback/${id}`,
    },
  ]);
  return Response.json(Object.fromEntries(entries));
}

/** In the form that NextAuth's clients know: `null`, or the user and when the session ends. Never counts as activity. */
async function describeSession(): Promise<Response> {
  const state = await peekSessionState();
  if (state.kind === "unavailable") return errorJson("database_unavailable");
  if (state.kind !== "active") return Response.json(null);
  const { user, expires } = state.session;
  return Response.json({
    user: { name: user.name, email: user.email, image: user.image },
    expires: expires.toISOString(),
  });
}
