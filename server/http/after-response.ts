import "server-only";
import { after } from "next/server";
import { describeError, log } from "./log";

/**
 * Runs work that nobody waits for once the answer has gone out. A serverless host keeps the function alive for it.
 * A failure is a line in the log.
 */
export function afterResponse(work: () => Promise<unknown>): void {
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log.error("after_response.failed", { cause: describeError(error) });
    }
  };
  try {
    after(run);
  } catch {
    // Outside of a request there is no answer to wait for.
    void run();
  }
}
