import "server-only";
import type { NextRequest } from "next/server";
import { clientSession, type Session } from "../registry/client-session";
import { readSession } from "../registry/session-state";

/** A request with the session of whoever sent it, as NextAuth's handlers have it. */
export type AuthenticatedRequest = NextRequest & { auth: Session | null };

type Handler<Context> = (request: AuthenticatedRequest, context: Context) => Response | Promise<Response>;

/**
 * The session of whoever is asking, or null, as NextAuth's `auth()` has it: in pages, actions and route handlers, from the
 * session's row, by one query. Null also while the registry cannot be asked. It requires nothing: `requireSession` and
 * `authenticated` do, and say why not.
 */
export function auth(): Promise<Session | null>;
/** The same around a route handler, whose request has the session as `auth`. */
export function auth<Context>(handler: Handler<Context>): (request: NextRequest, context: Context) => Promise<Response>;
export function auth<Context>(handler?: Handler<Context>) {
  if (!handler) return currentSession();
  return async (request: NextRequest, context: Context) =>
    handler(Object.assign(request, { auth: await currentSession() }), context);
}

async function currentSession(): Promise<Session | null> {
  const state = await readSession();
  return state.kind === "active" ? clientSession(state.session) : null;
}

/** NextAuth's way to write into a session, which is refused: a session says what the provider said, and what its row has. */
export function unstable_update(_session?: unknown): never {
  throw new Error(
    "unstable_update() is not here: a session holds what its provider says. Keep what users change in a table of your own, or on the user (docs/migrating.md).",
  );
}
