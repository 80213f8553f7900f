import "server-only";
import { serviceProviders } from "../services/service-provider";
import type { CleanUpBy } from "../sessions/registry/note-clean-up";
import { type Swept, sweep } from "../sessions/registry/sweep";
import { deliverDue } from "../webhooks/deliver";
import { finishDueDeletions } from "./finish-deletion";

/**
 * The whole clean-up: what is over, the users whose deletion is due, and webhooks that are. Takes about `timeMs`, and may be called again.
 *
 * @param by who has it done
 */
export async function cleanUp({
  by,
  timeMs,
}: {
  by: CleanUpBy;
  timeMs: number;
}): Promise<Swept & { users: number; webhooks: number }> {
  const due = await finishDueDeletions(timeMs / 4);
  const begun = Date.now();
  const { delivered } = await deliverDue(begun + timeMs / 4);
  // Whoever hangs there takes no more than half of it.
  const leftMs = Math.max(timeMs / 4, (timeMs * 3) / 4 - (Date.now() - begun));
  const swept = await sweep({ by, timeMs: leftMs, services: serviceProviders() });
  return { ...swept, users: due.users, webhooks: delivered, done: swept.done && due.done };
}
