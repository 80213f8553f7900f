import { db } from "@/server/db/client";
import { operations } from "./operations";
import { disconnect } from "./rows";
import { recordStatements, type Statement } from "./statements";

/** What one instance of the app is asked to do, and whether its statements are wanted rather than the time it takes. */
export interface Task {
  operation: keyof typeof operations;
  run: number;
  people: number;
  isRecorded: boolean;
}

export type Outcome = { ms: number; statements: Statement[] } | { fault: string };

/**
 * The server's modules as an instance of the app has them, on the one database that the environment names. Works off
 * one task at a time, and ends in order when the bench lets go.
 */
process.on("message", (task: Task) => {
  carryOut(task).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) =>
      process.send?.({ fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => void Promise.all([db.$disconnect(), disconnect()]));

async function carryOut({ operation, run, people, isRecorded }: Task): Promise<Outcome> {
  const act = await operations[operation](run, people);
  if (isRecorded) return { ms: Number.NaN, statements: await recordStatements(act) };
  const begun = performance.now();
  await act();
  return { ms: performance.now() - begun, statements: [] };
}
