import "server-only";
import { createBroker } from "../../tokens/broker";
import { createExchanger } from "../../tokens/exchange";
import { postgresStore } from "../../tokens/postgres-store";
import { endRefused } from "./refused-refresh";
import { endSwitched, renewUser } from "./renew-claims";
import { renewRoles } from "./renew-roles";

export const sessionStore = postgresStore();

/** Hands out the access tokens of sessions. */
export const sessionBroker = createBroker({
  store: sessionStore,
  hooks: { renewUser, renewRoles, endRefused, endSwitched },
});

/** Hands out what those are exchanged for. */
export const sessionExchanger = createExchanger({ store: sessionStore, broker: sessionBroker });
