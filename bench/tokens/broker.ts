import { endSwitched, renewPerson } from "@/server/sessions/renew-claims";
import { createBroker } from "@/server/tokens/broker";
import { postgresStore } from "@/server/tokens/postgres-store";

/** Put together as `server/sessions/session-tokens.ts` does: what is left out is the check of the session before. */
export const store = postgresStore();
export const broker = createBroker({ store, hooks: { renewPerson, endSwitched } });
