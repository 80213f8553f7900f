import "server-only";
import { db } from "../../db/client";

/** How many sessions live, on all instances together. */
export function countActiveSessions(): Promise<number> {
  const now = new Date();
  return db.session.count({ where: { endedAt: null, idleExpiresAt: { gt: now }, expires: { gt: now } } });
}
