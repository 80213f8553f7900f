import { findFreePort } from "../process/ports";
import { type LoopbackServer, listenOnLoopback } from "../provider/http/loopback";
import type { ServiceControl } from "./control/control";
import { createService, type ServiceDefinition } from "./service";

export interface RunningService<Control extends ServiceControl = ServiceControl> {
  /** `http://localhost:<port>`, without a slash at its end. */
  url: string;
  control: Control;
}

/**
 * Lets a service listen on loopback.
 *
 * @param port 0 takes any free one
 * @throws Error when the port is taken
 */
export async function openService(
  definition: ServiceDefinition,
  port: number,
): Promise<RunningService & { stop(): Promise<void> }> {
  const { listener, journal, faults, forget } = createService(definition);
  // Not one of the system's own choice: while the port is closed it could give that to somebody else.
  const chosen = port === 0 ? await findFreePort() : port;
  let server: LoopbackServer | undefined = await listenOnLoopback(listener, chosen);
  const refuseConnections = async () => {
    await server?.close();
    server = undefined;
  };
  const acceptConnections = async () => {
    server ??= await listenOnLoopback(listener, chosen);
  };
  const control: ServiceControl = {
    journal: (since) => journal.list(since),
    clearJournal: () => journal.clear(),
    addFault: (rule) => faults.add(rule),
    faults: () => faults.list(),
    clearFaults: (id) => faults.clear(id),
    refuseConnections,
    acceptConnections,
    reset: async () => {
      journal.clear();
      faults.clear();
      forget();
      await acceptConnections();
    },
  };
  return { url: `http://localhost:${chosen}`, control, stop: refuseConnections };
}
