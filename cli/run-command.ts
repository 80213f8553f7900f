/**
 * Runs the work of a command. What went wrong is one message on the error output, and the exit code is 1. The database is let
 * go of, as far as it was asked: without that the process would not end.
 */
export async function runCommand(work: () => Promise<unknown>): Promise<void> {
  const { closeDatabase } = await import("../server/db/client");
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await closeDatabase();
  }
}
