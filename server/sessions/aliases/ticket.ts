import "server-only";
import { z } from "zod";
import { createSealer, type Sealer } from "@/edge/sealing";
import { ownOrigin } from "../../http/same-origin";
import { env } from "../../settings/env";
import { transactionSeconds } from "../cookies/transaction-cookies";

/** What a browser is away for: the answer goes to this route of the alias, and to no other. */
export type TicketUse = `sign-in:${string}` | `connect:${string}` | "sign-out";

const schema = z.object({
  /** The alias that the browser set out from. */
  origin: z.string(),
  use: z.string(),
  /** The `state` that would have been sent without an alias: unguessable, so that no two tickets are the same. */
  nonce: z.string(),
  /** UNIX seconds. */
  exp: z.number(),
});

/** Where an answer belongs that comes to `AUTH_URL`. */
export type Ticket = z.infer<typeof schema>;

// Longer than what is sealed here ever is.
const longestTicket = 1024;

/**
 * The `state` to send a provider or service. Sent from `AUTH_URL` it is the one given. From an alias it is a ticket: it
 * names the alias, under a secret that only the deployments of this app have (docs/decisions/0048).
 */
export async function stateFrom(headers: Pick<Headers, "get">, use: TicketUse, state: string): Promise<string> {
  const origin = ownOrigin(headers);
  if (origin === env().authUrl) return state;
  return sealerFor("alias").seal({ origin, use, nonce: state }, Math.floor(Date.now() / 1000) + transactionSeconds);
}

/** The ticket in a `state`, its end not yet judged; null for whatever is none. Never throws. */
export async function openTicket(state: string | undefined): Promise<Ticket | null> {
  if (env().aliasSecret === null || state === undefined || state.length > longestTicket) return null;
  const parsed = schema.safeParse(await sealerFor("alias").open(state, new Date(0)));
  return parsed.success ? parsed.data : null;
}

/** What goes along with an answer from one deployment to another is sealed so that the other opens it. */
export async function sealerAlong(state: string, own: () => Sealer): Promise<Sealer> {
  return (await openTicket(state)) === null ? own() : sealerFor("posted-name");
}

const sealers = new Map<"alias" | "posted-name", Sealer>();
function sealerFor(purpose: "alias" | "posted-name"): Sealer {
  const { aliasSecret } = env();
  const sealer = sealers.get(purpose) ?? createSealer(aliasSecret === null ? [] : [aliasSecret], purpose);
  sealers.set(purpose, sealer);
  return sealer;
}
