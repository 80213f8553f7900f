import "server-only";
import { browserCookieName, createBrowserId, isBrowserId } from "@/edge/form-token";
import { isPrefetch } from "@/edge/request-kind";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, redirectTo, shut } from "../http/error-reply";
import { ownOrigin } from "../http/same-origin";
import { withShortHead } from "../http/short-head";
import type { LimitKind } from "../limits/limit";
import { formTokenFor } from "../sessions/cookies/form-token";
import { sessionClaimsIn } from "../sessions/cookies/session-cookies";
import { refuseTooMany } from "../sessions/guards/limited";
import { clientSession } from "../sessions/registry/client-session";
import { readSession } from "../sessions/registry/session-state";
import { env, findProvider } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { clientAnswer, clientPage, wantsClientAnswer } from "./client-answer";
import { finishLinking } from "./linking/finish-linking";
import { finishSignIn } from "./sign-in/finish-sign-in";
import { initiateSignIn } from "./sign-in/initiate-sign-in";
import { receivePostedAnswer } from "./sign-in/posted-answer";
import { startSignIn } from "./sign-in/start-sign-in";
import { signOut } from "./sign-out/sign-out";

/**
 * The guarded handlers: the only routes under `/api/auth`, each for one method. NextAuth is behind some of them and
 * never answers a browser itself.
 *
 * @param path the segments behind `/api/auth`
 */
export async function handleAuthRequest(request: Request, path: readonly string[]): Promise<Response> {
  const routed = await route(request, path);
  const response = wantsClientAnswer(request.headers, path[0]) ? await clientAnswer(request, path, routed) : routed;
  response.headers.set("Cache-Control", "private, no-store");
  const broken = [...readCookies(request)].filter(([name, value]) => isNextAuths(name) && !couldBeNextAuths(value));
  for (const [name] of broken.slice(0, 5)) response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
  return withShortHead(response);
}

// NextAuth's canonical cookies are never ours. They may be those of another app on this host, which is left alone; what no
// NextAuth writes was planted, and only costs bytes.
function isNextAuths(name: string): boolean {
  return /^(?:__Secure-|__Host-)?(?:authjs|next-auth)\.[\w.-]{1,60}$/.test(name);
}

/** Whether it is a token, two of them, or an encoded address. */
function couldBeNextAuths(value: string): boolean {
  return /^(?:[\w.|-]|%7C)+$/i.test(value) || /^https?(?::\/\/|%3A%2F%2F)[\w.%:/?&=-]+$/i.test(value);
}

async function route(request: Request, [action, providerId, ...rest]: readonly string[]): Promise<Response> {
  const page = clientPage(request, [action, providerId]);
  if (page !== null) return redirectTo(page);
  const endpoint = endpoints[action ?? ""];
  if (!endpoint || rest.length > 0 || endpoint.takesProvider !== (providerId !== undefined)) return shut(404);
  if (!endpoint.methods.some((method) => method === request.method)) return otherMethod(request, endpoint, providerId);
  // What a browser fetches ahead must use nothing up: the user has not come back yet.
  if (action === "callback" && isPrefetch(request.headers)) return errorJson("invalid_request");
  const provider = endpoint.takesProvider ? findProvider(providerId) : null;
  if (endpoint.takesProvider && !provider) return errorReply(request, "unknown_provider");
  const refused = endpoint.limit ? await refuseTooMany(request, endpoint.limit) : null;
  return refused ?? endpoint.open(request, provider as ProviderSettings);
}

/** An answer that a provider posts, which few do; any other method is shut. */
async function otherMethod(request: Request, endpoint: Endpoint, providerId: string | undefined): Promise<Response> {
  const provider = endpoint === endpoints.callback ? findProvider(providerId) : null;
  if (provider?.responseMode !== "form_post") return shut(405, { Allow: endpoint.methods.join(", ") });
  if (request.method !== "POST") return shut(405, { Allow: "GET, POST" });
  return (await refuseTooMany(request, "callback")) ?? receivePostedAnswer(request, provider);
}

interface Endpoint {
  methods: readonly ("GET" | "POST")[];
  takesProvider: boolean;
  /** What it counts as, where strangers could have it done at will. */
  limit?: LimitKind;
  open(request: Request, provider: ProviderSettings): Promise<Response>;
}

const endpoints: Readonly<Record<string, Endpoint>> = Object.assign(Object.create(null) as Record<string, Endpoint>, {
  csrf: { methods: ["GET"], takesProvider: false, open: giveFormToken },
  providers: { methods: ["GET"], takesProvider: false, open: async (request) => describeProviders(request) },
  session: { methods: ["GET"], takesProvider: false, open: async () => describeSession() },
  signin: { methods: ["POST"], takesProvider: true, limit: "sign-in", open: startSignIn },
  callback: { methods: ["GET"], takesProvider: true, limit: "callback", open: finish },
  initiate: { methods: ["GET", "POST"], takesProvider: false, open: async (request) => initiateSignIn(request) },
  signout: { methods: ["POST"], takesProvider: false, limit: "sign-out", open: signOut },
} satisfies Record<string, Endpoint>);

/** What came back from a provider: a linking, if this browser began one with that `state`, else a sign-in. */
async function finish(request: Request, provider: ProviderSettings): Promise<Response> {
  return (await finishLinking(request, provider)) ?? finishSignIn(request, provider);
}

/** A form token for this session, or for this browser, which gets a cookie to bind it to if it has none. */
async function giveFormToken(request: Request): Promise<Response> {
  const claims = await sessionClaimsIn(readCookies(request));
  if (claims) return Response.json({ csrfToken: await formTokenFor({ kind: "session", id: claims.sid }) });
  const name = browserCookieName(env().secure);
  const known = readCookies(request).get(name);
  const id = isBrowserId(known) ? known : createBrowserId();
  const response = Response.json({ csrfToken: await formTokenFor({ kind: "browser", id }) });
  if (id !== known) response.headers.append("Set-Cookie", cookieHeader(name, id, null));
  return response;
}

/** In the form that NextAuth's clients know. */
function describeProviders({ headers }: Request): Response {
  const { authUrl, providers } = env();
  const entries = providers.map(({ id, name, oauth2 }) => [
    id,
    {
      id,
      name,
      type: oauth2 ? "oauth" : "oidc",
      signinUrl: `${ownOrigin(headers)}/api/auth/signin/${id}`,
      callbackUrl: `${authUrl}/api/auth/callback/${id}`,
    },
  ]);
  return Response.json(Object.fromEntries(entries));
}

/** In the form that NextAuth's clients know: `null`, or what `auth()` answers. Never counts as activity. */
async function describeSession(): Promise<Response> {
  const state = await readSession({ activity: "no" });
  if (state.kind === "unavailable") return errorJson(state.code);
  if (state.kind !== "active") return Response.json(null);
  return Response.json(clientSession(state.session));
}
