import { endSwitched, renewUser } from "@/server/sessions/registry/renew-claims";
import { renewRoles } from "@/server/sessions/registry/renew-roles";
import { createBroker } from "@/server/tokens/broker";
import { postgresStore } from "@/server/tokens/postgres-store";
import { endRefused } from "../../server/sessions/registry/refused-refresh";

/** Put together as `server/sessions/guards/session-tokens.ts` does: what is left out is the check of the session before. */
export const store = postgresStore();
export const broker = createBroker({ store, hooks: { renewUser, renewRoles, endRefused, endSwitched } });
