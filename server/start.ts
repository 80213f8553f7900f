import "server-only";
import { checkConfig } from "./check-config";
import { EnvError, env } from "./env";
import { observeRequests } from "./http/request-context";
import { noticeStop } from "./http/stopping";

/** Checks everything that can be wrong before the first request, and begins to observe requests and the signal to stop. Ends the process otherwise. */
export function startServer(): void {
  const faults = [...environmentFaults(), ...checkConfig()];
  if (faults.length > 0) {
    // Not through the logger: somebody is looking at this terminal and has to mend it.
    console.error(`Daemun does not start:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    process.exit(1);
  }
  noticeStop();
  observeRequests({ trustedProxyHops: env().trustedProxyHops, loopbackOnly: env().demo });
}

function environmentFaults(): readonly string[] {
  try {
    env();
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.faults;
    throw error;
  }
}
