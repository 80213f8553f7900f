import "server-only";
import { log } from "../http/log";
import { db, readShared } from "./client";
import { databaseFailureCode, unavailabilityReason } from "./unavailable";

const againMs = 60_000;
let told = { reason: "", at: 0 };

/**
 * Whether the database answers a query now. Bounded by the client's own timeouts. The log says why it does not: once, and
 * each minute again.
 */
export async function isDatabaseReached(): Promise<boolean> {
  try {
    // When its turn comes: a crowd at the other pages takes no instance out of service.
    await readShared("ready", () => db.$queryRaw`SELECT 1`);
    told = { reason: "", at: 0 };
    return true;
  } catch (error) {
    // A queue that is full is in front of a database that answers. Taken out of service, the instances would be too few.
    if (databaseFailureCode(error) === "overloaded") return true;
    const reason = unavailabilityReason(error);
    if (reason !== told.reason || performance.now() - told.at >= againMs) {
      told = { reason, at: performance.now() };
      log.error("database.unavailable", { reason });
    }
    return false;
  }
}
