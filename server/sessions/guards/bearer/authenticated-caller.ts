import "server-only";
import { readSentToken } from "@/edge/access-token";
import { auditAtOnce } from "../../../audit/audit";
import { readCookies } from "../../../http/cookie-jar";
import { failureJson } from "../../../http/error-reply";
import { isOwnCall } from "../../../http/same-origin";
import { sessionCookies } from "../../cookies/session-cookies";
import { readSession } from "../../registry/session-state";
import { auditForgery } from "../denial";
import { denialOf, type Requirement } from "../requirement";
import type { BearerRequirement, Caller, TokenCaller } from "./caller";
import { refuseStranger, refuseToken } from "./challenge";
import { verifyCaller } from "./verify-caller";

/** What a route with the option `bearer` asks. */
export interface CallerRequirement {
  bearer: BearerRequirement;
  /** What a session has to meet that comes in place of a token. */
  session?: Requirement;
}

/**
 * Who calls, by session or by access token, or the answer why nobody may. Both at once are refused: a page of another site could
 * have a browser add its cookie to a token of theirs, or the other way round.
 *
 * @param asked the address that was asked for
 */
export async function requireCaller(
  request: Request,
  { bearer, session = {} }: CallerRequirement,
  asked: string,
): Promise<Caller | Response> {
  // Not what the gate notes: where no gate is, a client could write another path, and so another audience.
  const path = new URL(request.url).pathname;
  const sent = readSentToken(request.headers);
  if (sent === null) return sessionCaller(request, session, asked, path);
  if (sent === "malformed") return refuseToken(path, "invalid_request", { scheme: "Bearer" });
  const { scheme } = sent;
  const jar = readCookies(request);
  const cookie = await sessionCookies().find((name) => jar.get(name));
  if (cookie !== undefined) return refuseToken(path, "invalid_request", { scheme });
  const verdict = await verifyCaller({ headers: request.headers, method: request.method, path }, sent, bearer);
  if (verdict.kind === "token") return verdict;
  if (verdict.kind === "failed") return failureJson(verdict);
  if (verdict.caller) await auditScope(verdict.caller, path);
  return refuseToken(path, verdict.error, { scheme, ...(bearer.scopes && { scopes: bearer.scopes }) });
}

async function sessionCaller(request: Request, requirement: Requirement, asked: string, path: string) {
  const state = await readSession();
  if (state.kind !== "active") return refuseStranger(path, state.code);
  const { session } = state;
  const isSafe = request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
  // A token is sent by whoever means to; a cookie by any browser, whoever had it do so.
  if (!isSafe && !isOwnCall(request.headers)) {
    await auditForgery(session, asked);
    return failureJson({ code: "csrf_rejected" });
  }
  const denial = await denialOf(session, requirement, asked);
  return denial ? failureJson(denial) : ({ kind: "session", session } as const);
}

function auditScope({ user, token: { provider, issuer } }: TokenCaller, path: string): Promise<void> {
  return auditAtOnce({
    event: "authorization.denied",
    outcome: "failure",
    reason: "forbidden",
    ...(user && { userId: user.id }),
    provider,
    issuer,
    detail: { path: path.slice(0, 200) },
  });
}
