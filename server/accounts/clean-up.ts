import "server-only";
import { serviceProviders } from "../services/service-provider";
import type { CleanUpBy } from "../sessions/registry/note-clean-up";
import { type Swept, sweep } from "../sessions/registry/sweep";
import { finishDueDeletions } from "./finish-deletion";

/**
 * The whole clean-up: what is over, and the users whose deletion is due. Takes about `timeMs`, and may be called again.
 *
 * @param by who has it done
 */
export async function cleanUp({ by, timeMs }: { by: CleanUpBy; timeMs: number }): Promise<Swept & { users: number }> {
  const due = await finishDueDeletions(timeMs / 4);
  const swept = await sweep({ by, timeMs: (timeMs * 3) / 4, services: serviceProviders() });
  return { ...swept, users: due.users, done: swept.done && due.done };
}
