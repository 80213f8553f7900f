import { type NextRequest, NextResponse } from "next/server";
import { metadataAddressOf } from "./access-token";
import type { DaemunConfig } from "./config";
import { apiPolicy, documentPolicy } from "./content-security-policy";
import { type CookieSite, transactionKind } from "./cookie-names";
import { type ErrorCode, errorStatus, programMessages } from "./error-codes";
import { browserCookieName, createBrowserId, isBrowserId } from "./form-token";
import { createGate, tokenGateAt } from "./gate";
import { type GateNote, gateNoteHeader, writeGateNote } from "./gate-note";
import { isOtherAddress, requestedHost } from "./public-address";
import { isNavigation } from "./request-kind";
import { signInAddress } from "./return-path";
import { cookieLife, createSessionCookieCodec } from "./session-cookie";

export interface GateEnvironment {
  /** Session secrets, newest first. */
  secrets: readonly string[];
  /** Whether people reach the app over https. */
  secure: boolean;
  /** The port in the names of cookies, where there is one; see cookie-names.ts. */
  port?: string | null;
  /** The app's public origin, where people who open it by another address are sent on to. */
  authUrl?: string;
  /** Whether Node is told what became of each request, and how long that took; see gate-note.ts. */
  notesOutcome?: boolean;
  /** The aliases by which people reach this deployment, who stay there; see url-aliases.ts. */
  aliases?: readonly string[];
  /** Whether answers for aliases come here to be handed on, to browsers that have no session here. */
  handsOn?: boolean;
}

// Says that the gate refused a role, to the server that answers in its place.
const deniedHeader = "X-Daemun-Denied";
const pathHeader = "X-Daemun-Path";
// What only the gate says. Never passed on from outside.
const ownHeaders = [deniedHeader, pathHeader];

// Counts how often a browser was sent on within seconds: a proxy that names another host than the browser did would
// have it sent on for ever.
const movedCookie = "daemun.moved";
const movedSeconds = 10;
const mostMoves = 5;

// The head of a redirect has to fit into what proxies buffer, 4 KB.
const longestMoved = 2_500;

// For one browser only, and not to be kept by it either.
const privately = "private, no-store";

// Pages whose forms need a browser to be told from another before anybody is signed in.
const formPages = new Set(["/sign-in", "/sign-out"]);

// Where a service sends browsers back to.
const connectCallback = /^\/api\/connect\/[a-z][a-z0-9-]{0,31}\/callback$/;

// The provider's sign-out page frames this one. Which page that is the server knows, so the policy is the server's too:
// of two policies a browser would heed both.
const framedPath = /^\/api\/oidc\/[a-z][a-z0-9-]{0,31}\/frontchannel-logout$/;

/**
 * Turns the gate's decision into Next's answer: pass with a fresh Content-Security-Policy nonce, a redirect to sign
 * in, or a JSON refusal for fetches.
 */
export function createGateHandler(
  config: DaemunConfig,
  { secrets, secure, port = null, authUrl = "", aliases = [], handsOn = false, notesOutcome = false }: GateEnvironment,
) {
  const home = URL.canParse(authUrl) ? new URL(authUrl).origin : null;
  const roles = config.session.cookieRoles ?? "names";
  const cookies = createSessionCookieCodec(secrets, secure, { port, roles });
  const decide = createGate(config, cookies);
  const browserCookie = browserCookieName(secure);

  return async function answer(request: NextRequest): Promise<NextResponse> {
    const began = Date.now();
    const response = await decideAndAnswer(request);
    if (notesOutcome) {
      response.headers.set(gateNoteHeader, writeGateNote({ outcome: outcomeOf(response), began, ended: Date.now() }));
    }
    // A shared cache keeps what comes along with an answer, and would hand one browser's cookie, or its end, to the next.
    if (response.cookies.getAll().length > 0) response.headers.set("Cache-Control", privately);
    return response;
  };

  async function decideAndAnswer(request: NextRequest): Promise<NextResponse> {
    const { pathname: path, search } = addressOf(request);
    // Next would fail over it with 500 as soon as a route wants one of its segments.
    if (path.startsWith("/api/") && !isDecodable(path)) return withPolicy(refuse(request, "invalid_request"));
    if (isAtOtherAddress(request)) return sendHome(request, path + search);
    const cookie = await cookies.find((name) => request.cookies.get(name)?.value);
    const decision = await decide({ path, search, headers: request.headers, cookie });

    if (decision.kind === "pass") {
      const response = pass(request, path, search);
      // A shared cache would hand a gated page to whoever comes next. And where the router's mark (`_rsc`) is wrong, Next
      // sends on to the right one without saying whom that is for: kept, it would be everybody's answer.
      if (decision.gated || request.headers.get("rsc") !== null) response.headers.set("Cache-Control", privately);
      // While a sign-in is under way, this answer could come after that one's, and put the former session's cookie back.
      if (decision.reissue && !isSigningIn(request, { secure, port })) {
        const life = cookieLife(decision.reissue);
        response.cookies.set(cookies.name, await cookies.seal(decision.reissue), cookies.attributes(life));
      }
      if (decision.clear) response.cookies.set(cookies.name, "", cookies.attributes(0));
      if (formPages.has(path) && !isBrowserId(request.cookies.get(browserCookie)?.value)) {
        response.cookies.set(browserCookie, createBrowserId(), cookies.attributes(null));
      }
      return response;
    }

    // The route asks for the session itself, where the answer is none to be handed on.
    if (decision.kind === "sign-in" && handsOn && connectCallback.test(path)) return pass(request, path, search);
    if (decision.kind === "refuse") return deny(request, path + search);
    const response = withPolicy(
      isNavigation(request.headers)
        ? NextResponse.redirect(
            new URL(signInAddress(path + search, decision.code), request.url),
            redirectStatus(request),
          )
        : decision.code === "session_expired"
          ? handOver(request)
          : refuse(request, decision.code),
    );
    if (decision.clear) response.cookies.set(cookies.name, "", cookies.attributes(0));
    challenge(response, path);
    return response;
  }

  /** Says to a client without an access token where it learns how to get one (RFC 9728, section 5.1). */
  function challenge(response: NextResponse, path: string): void {
    const gate = response.status === errorStatus.not_authenticated ? tokenGateAt(config.gates, path) : null;
    if (!gate || home === null) return;
    response.headers.set("WWW-Authenticate", `Bearer resource_metadata="${metadataAddressOf(home, gate)}"`);
  }

  function isAtOtherAddress(request: NextRequest): boolean {
    if (home === null || !/^(?:GET|HEAD)$/.test(request.method) || !isNavigation(request.headers)) return false;
    if (!isOtherAddress(requestedHost(request.headers), home, aliases)) return false;
    if (request.url.length > longestMoved) return false;
    return Number(request.cookies.get(movedCookie)?.value ?? 0) < mostMoves;
  }

  /** To the same path at the app's own address, but for one that a proxy only mistakes for another. */
  function sendHome(request: NextRequest, asked: string): NextResponse {
    const response = withPolicy(NextResponse.redirect(home + asked, 307));
    const moves = Number(request.cookies.get(movedCookie)?.value ?? 0) + 1;
    response.cookies.set(movedCookie, String(moves), cookies.attributes(movedSeconds));
    return response;
  }

  function pass(request: NextRequest, path: string, search: string): NextResponse {
    if (path.startsWith("/api/")) {
      const isPlain = !ownHeaders.some((name) => request.headers.has(name));
      const response = isPlain
        ? NextResponse.next()
        : NextResponse.next({ request: { headers: fromOutside(request) } });
      if (!framedPath.test(path)) response.headers.set("Content-Security-Policy", apiPolicy);
      return response;
    }
    const { headers, policy } = documentHeaders(request, path + search);
    const response = NextResponse.next({ request: { headers } });
    setPolicy(response, policy);
    return response;
  }

  /** The page's policy, and where it says that violations are reported to (Reporting API, section 3.2). */
  function setPolicy({ headers }: NextResponse, policy: string): void {
    headers.set("Content-Security-Policy", policy);
    const reportTo = config.contentSecurityPolicy?.reportTo;
    if (reportTo !== undefined) headers.set("Reporting-Endpoints", `csp="${reportTo}"`);
  }

  /** The headers with which a page is rendered. */
  function documentHeaders(request: NextRequest, asked: string) {
    const policy = documentPolicy(crypto.randomUUID(), secure, config.contentSecurityPolicy);
    const headers = fromOutside(request);
    // Next reads the nonce for its own scripts from the policy of the request.
    headers.set("Content-Security-Policy", policy);
    // Server Components do not know their own address; this is where a person is sent back to.
    headers.set(pathHeader, asked);
    return { headers, policy };
  }

  /** Somebody lacks a role. The server says so in its own words and keeps the record; the edge cannot. */
  function deny(request: NextRequest, asked: string): NextResponse {
    const { headers, policy } = documentHeaders(request, asked);
    headers.set(deniedHeader, "1");
    // What a form posts is never put before a page: Next would read it as an action of that page's.
    const isPage = isNavigation(request.headers) && (request.method === "GET" || request.method === "HEAD");
    const target = new URL(isPage ? "/auth-error?code=forbidden" : "/api/denied", request.url);
    const response = NextResponse.rewrite(target, { request: { headers }, status: errorStatus.forbidden });
    response.headers.set("Cache-Control", privately);
    setPolicy(response, isPage ? policy : apiPolicy);
    return response;
  }

  /** A fetch with a cookie past its end: the registry knows why, says so, and keeps the record. */
  function handOver(request: NextRequest): NextResponse {
    return NextResponse.rewrite(new URL("/api/denied", request.url), { request: { headers: fromOutside(request) } });
  }

  function refuse(request: NextRequest, code: ErrorCode): NextResponse {
    const body = { error: code, message: programMessages[code] ?? code, request_id: requestIdOf(request) };
    return NextResponse.json(body, { status: errorStatus[code] });
  }
}

function withPolicy(response: NextResponse): NextResponse {
  response.headers.set("Cache-Control", privately);
  response.headers.set("Content-Security-Policy", apiPolicy);
  return response;
}

// What was posted is not posted to the sign-in page as well (RFC 9110, section 15.4.4).
function redirectStatus({ method }: NextRequest): 303 | 307 {
  return method === "GET" || method === "HEAD" ? 307 : 303;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

// To connect a service changes no session.
function isSigningIn(request: NextRequest, site: CookieSite): boolean {
  return request.cookies
    .getAll()
    .some(({ name }) => transactionKind(site, name.replace(/^__Host-/, site.secure ? "__Host-" : "")) === "sign-in");
}

/** The headers of a request without those that only the gate sets. */
function fromOutside(request: NextRequest): Headers {
  const headers = new Headers(request.headers);
  for (const name of ownHeaders) headers.delete(name);
  return headers;
}

/** Where the person is, to the letter. `_rsc` is the router's own mark on what it fetches, and no part of that. */
function addressOf(request: NextRequest): { pathname: string; search: string } {
  const { pathname, search } = new URL(request.url);
  if (!search.includes("_rsc")) return { pathname, search };
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => pair.split("=", 1)[0] !== "_rsc");
  return { pathname, search: kept.length > 0 ? `?${kept.join("&")}` : "" };
}

// Behind Node's server the id is ours; on other hosts it may be anybody's.
function requestIdOf(request: NextRequest): string | null {
  const id = request.headers.get("x-request-id");
  return id && /^[A-Za-z0-9-]{8,64}$/.test(id) ? id : null;
}

function outcomeOf({ headers, status }: NextResponse): GateNote["outcome"] {
  if (headers.has("x-middleware-next")) return "passed";
  return status >= 300 && status < 400 ? "redirected" : "refused";
}
