import "server-only";
import { errorStatus } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath, signInAddress } from "@/edge/return-path";
import { type Failure, failedReply, failureJson, redirectTo } from "../../http/error-reply";
import type { UserClaims } from "../../oidc/user-claims";
import type { ActiveSession } from "../registry/active-session";
import { readSession } from "../registry/session-state";
import { type CallerRequirement, requireCaller } from "./bearer/authenticated-caller";
import type { Caller } from "./bearer/caller";
import { denialOf, type Requirement } from "./requirement";
import { stepUpAddress } from "./step-up";

export interface RouteRequirement extends Requirement {
  /** Sends a navigation where a page would: to sign-in and back, to the provider, to a page that says why not. A fetch gets JSON all the same. */
  redirect?: boolean;
}

/** What a handler gets besides the request and the session. */
export interface RouteInput<Params> {
  /** The values of the path's dynamic segments. */
  params: Params;
}

/** The same for `userInfo: true`: with what the provider's userinfo says now. */
export interface UserInfoInput<Params> extends RouteInput<Params> {
  userInfo: UserClaims;
}

/** What a route asks that takes access tokens too. What it asks of a session stands in `session`, apart from them. */
export type BearerRouteRequirement = CallerRequirement & Partial<Record<keyof RouteRequirement | "userInfo", never>>;

type Handler<Input> = (request: Request, session: ActiveSession, input: Input) => Promise<Response>;
type CallerHandler<Params> = (request: Request, caller: Caller, input: RouteInput<Params>) => Promise<Response>;
type Route<Params> = (request: Request, context: { params: Promise<Params> }) => Promise<Response>;
type NoParams = Record<never, never>;

/**
 * Wraps a route handler so that it runs only for a live session that meets the requirement, and, with `userInfo`, only
 * with fresh claims. Answers JSON otherwise: 401, 403 or 503, and for userinfo whatever came in its way. Never cached.
 *
 * With `bearer`, it runs for an access token of a configured provider as well, and is told which way its caller came: 401 and 403
 * as RFC 6750 has them, 400 for both at once. What changes something by a session has to come from our own pages then
 * (`X-CSRF: 1`). Its path needs a gate with `bearer: true`.
 */
export function authenticated<Params = NoParams>(
  handler: Handler<UserInfoInput<Params>>,
  requirement: RouteRequirement & { userInfo: true; bearer?: never },
): Route<Params>;
export function authenticated<Params = NoParams>(
  handler: Handler<RouteInput<Params>>,
  requirement?: RouteRequirement & { userInfo?: false; bearer?: never },
): Route<Params>;
export function authenticated<Params = NoParams>(
  handler: CallerHandler<Params>,
  requirement: BearerRouteRequirement,
): Route<Params>;
export function authenticated<Params>(
  handler: Handler<UserInfoInput<Params>> | CallerHandler<Params>,
  requirement: (RouteRequirement & { userInfo?: boolean; bearer?: never }) | BearerRouteRequirement = {},
): Route<Params> {
  return requirement.bearer
    ? forCallers(handler as CallerHandler<Params>, requirement)
    : forSessions(handler as Handler<UserInfoInput<Params>>, requirement);
}

function forCallers<Params>(
  handler: CallerHandler<Params>,
  { bearer, session, ...others }: CallerRequirement,
): Route<Params> {
  // Types say so too. What nobody reads must not look like a condition.
  const unread = Object.keys(others);
  if (unread.length > 0) throw new Error(`With bearer, ${unread.join(", ")} belongs into session.`);
  return async (request, { params }) => {
    const caller = await requireCaller(request, { bearer, ...(session && { session }) }, askedOf(request));
    if (caller instanceof Response) return caller;
    return kept(await handler(request, caller, { params: await params }));
  };
}

function forSessions<Params>(
  handler: Handler<UserInfoInput<Params>>,
  { redirect = false, userInfo = false, ...requirement }: RouteRequirement & { userInfo?: boolean },
): Route<Params> {
  return async (request, { params }) => {
    const refuse = redirect && isNavigation(request.headers) ? refuseNavigation : refuseFetch;
    const state = await readSession();
    if (state.kind !== "active") return refuse(request, { code: state.code });
    const { session } = state;
    const denial = await denialOf(session, requirement, askedOf(request));
    if (denial?.code === "step_up_required" && refuse === refuseNavigation) {
      return redirectTo(await stepUpAddress(session, requirement, returnPathOf(request)));
    }
    if (denial) return refuse(request, denial);
    // Only now: a route that asks for no token loads no vault (ADR 68).
    const fresh = userInfo ? await (await import("./session-tokens")).fetchUserInfo() : null;
    if (fresh && fresh.kind !== "claims") return refuse(request, fresh);
    const input = { params: await params, ...(fresh && { userInfo: fresh.claims }) };
    return kept(await handler(request, session, input as UserInfoInput<Params>));
  };
}

function refuseFetch(_: Request, failure: Failure): Response {
  return failureJson(failure);
}

function refuseNavigation(request: Request, { code, ...retry }: Failure): Response {
  if (errorStatus[code] !== 401) return failedReply(request, code, retry);
  return redirectTo(signInAddress(returnPathOf(request), code));
}

/** What was asked for. The gate has it to the letter, Next rewrites some queries. */
function askedOf({ headers, url }: Request): string {
  const { pathname, search } = new URL(url);
  return headers.get("x-daemun-path") ?? pathname + search;
}

/** Where to come back to: what was posted cannot be had by going there again. */
function returnPathOf(request: Request): string {
  return parseReturnPath(request.method === "GET" ? askedOf(request) : null);
}

/** The answer, kept from every cache. A copy: the headers of a redirect, or of what a fetch brought, cannot be changed. */
function kept(answered: Response): Response {
  const response = new Response(answered.body, answered);
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}
