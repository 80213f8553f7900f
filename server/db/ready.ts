import "server-only";
import { db } from "./client";

/** Whether the database answers a query now. Bounded by the client's own timeouts. */
export async function isDatabaseReached(): Promise<boolean> {
  try {
    await db.$queryRaw`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}
