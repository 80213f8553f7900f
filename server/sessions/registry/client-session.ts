import "server-only";
import type { ActiveSession } from "./active-session";

/**
 * What a browser may know of its session: nothing in it opens anything, and no claim is in it. It is what NextAuth's
 * `SessionProvider` takes as `session`, and what `GET /api/auth/session` answers.
 */
export interface Session {
  user: { id: string; name: string | null; email: string | null; image: string | null };
  /** When the session ends, however active its user is. ISO 8601. */
  expires: string;
  /** The id of the provider that signed the user in. */
  provider: string;
  roles: string[];
  /** The id of the organization that the user works in. */
  organization: string | null;
}

/** What a browser may know of a session. */
export function clientSession({ user, expires, provider, roles, organization }: ActiveSession): Session {
  const { id, name, email, image } = user;
  return { user: { id, name, email, image }, expires: expires.toISOString(), provider, roles, organization };
}
