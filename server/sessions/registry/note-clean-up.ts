import "server-only";
import { db } from "../../db/client";

/** Who has the clean-up done: a server that lives on, a scheduler that calls the route, or the command. */
export type CleanUpBy = "server" | "schedule" | "command";

/**
 * Notes that a clean-up has ended now, by the database's clock: one row for each who may do it, in place of the one before.
 *
 * @param isDone whether nothing was left to do
 */
export async function noteCleanUp(by: CleanUpBy, isDone: boolean): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "CleanUp" ("by", "at", "isDone") VALUES (${by}, now(), ${isDone})
    ON CONFLICT ("by") DO UPDATE SET "at" = now(), "isDone" = ${isDone}`;
}
