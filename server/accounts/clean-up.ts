import "server-only";
import { serviceProviders } from "../services/service-provider";
import { type Swept, sweep } from "../sessions/registry/sweep";
import { finishDueDeletions } from "./finish-deletion";

/** The whole clean-up: what is over, and the users whose deletion is due. Takes about `timeMs`, and may be called again. */
export async function cleanUp({ timeMs }: { timeMs: number }): Promise<Swept & { users: number }> {
  const due = await finishDueDeletions(timeMs / 4);
  const swept = await sweep({ timeMs: (timeMs * 3) / 4, services: serviceProviders() });
  return { ...swept, users: due.users, done: swept.done && due.done };
}
