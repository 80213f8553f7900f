import "server-only";
import { db } from "../db/client";
import type { ActiveSession } from "../sessions/registry/active-session";

/** What a session has to tell its user on every page, until it is dismissed. */
export interface SessionNotices {
  isDeletionUndone: boolean;
  /** Devices that were not known before, the newest first. */
  newDevices: { id: string; name: string | null; since: Date; isThisOne: boolean }[];
}

const mark = "new_device:";

/** What there is to tell, or null. Costs a query only where there is something. Never throws: a page is more than this. */
export async function readNotices({ user, deviceId, notices }: ActiveSession): Promise<SessionNotices | null> {
  if (notices.length === 0) return null;
  const ids = notices.flatMap((notice) => (notice.startsWith(mark) ? notice.slice(mark.length) : []));
  const devices = await db.device
    .findMany({
      where: { userId: user.id, id: { in: ids } },
      orderBy: { createdAt: "desc" },
      select: { id: true, name: true, createdAt: true },
    })
    .catch(() => []);
  const newDevices = devices.map(({ id, name, createdAt }) => ({
    id,
    name,
    since: createdAt,
    isThisOne: id === deviceId,
  }));
  const isDeletionUndone = notices.includes("deletion_undone");
  return isDeletionUndone || newDevices.length > 0 ? { isDeletionUndone, newDevices } : null;
}
