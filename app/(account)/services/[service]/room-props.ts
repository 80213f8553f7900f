import type { ServiceSettings } from "@/server/service-settings";
import type { ActiveSession } from "@/server/sessions/session-state";

/** What the page tells each of its rooms. All of it stays on the server. */
export interface RoomProps {
  service: ServiceSettings;
  session: ActiveSession;
  query: Record<string, string | string[] | undefined>;
}
