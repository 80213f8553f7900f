import "server-only";
import { readCookies } from "../../http/cookie-jar";
import { type LimitKind, refuseOverLimit } from "../../limits/limit";
import { sessionClaimsIn } from "../cookies/session-cookies";

type Route<Context> = (request: Request, context: Context) => Promise<Response>;

/** Counts a request for its address and for the user of its cookie, and answers it where that is one too many; else null. */
export async function refuseTooMany(request: Request, kind: LimitKind): Promise<Response | null> {
  const claims = await sessionClaimsIn(readCookies(request));
  return refuseOverLimit(request, kind, claims?.sub);
}

/** Wraps a route handler so that nobody has it do more than the limits allow, before it does anything. */
export function limited<Context>(kind: LimitKind, route: Route<Context>): Route<Context> {
  return async (request, context) => (await refuseTooMany(request, kind)) ?? route(request, context);
}
