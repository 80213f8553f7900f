import "server-only";
import { isAlias } from "@/edge/url-aliases";
import { redirectTo } from "../../http/error-reply";
import { log } from "../../http/log";
import { ownOrigin } from "../../http/same-origin";
import { withShortHead } from "../../http/short-head";
import { env } from "../../settings/env";
import { hashState, spendState, transactionSeconds } from "../cookies/transaction-cookies";
import { openTicket, type Ticket, type TicketUse } from "./ticket";

/** What becomes of an answer that a browser brought. */
export type HandingOn =
  /** It belongs to the address that it came to, and is judged there. */
  | { kind: "here" }
  | { kind: "handed-on"; response: Response }
  /** Its ticket is one of ours, and good for nothing. */
  | { kind: "refused"; cause: "ticket_place" | "ticket_expired" | "ticket_spent" };

// All that an answer is read for; its form was judged before. `user` is sealed by our own callback.
const passedOn = ["code", "state", "iss", "error", "error_description", "user"];

/**
 * Hands the answer to an authorization request on to the alias that the browser set out from, which has the transaction
 * cookie, and with it the verifier. Here, at `AUTH_URL`, nothing of it is exchanged. Once for each ticket, until its end, and
 * only where the ticket says, if that is still an alias.
 *
 * @param parameters of the callback, each of which came once
 * @throws when the database cannot be asked whether the ticket was spent: nothing is handed on then
 * Source: RFC 6749, section 10.15 (open redirectors); RFC 9700, section 4.11.
 */
export async function handOn(
  { headers }: Request,
  { use, path, parameters }: { use: TicketUse; path: string; parameters: ReadonlyMap<string, string> },
  now = new Date(),
): Promise<HandingOn> {
  const state = parameters.get("state") ?? "";
  const ticket = await openTicket(state);
  const here = ownOrigin(headers);
  if (ticket === null || ticket.origin === here) return { kind: "here" };
  if (here !== env().authUrl || ticket.use !== use || !mayGoTo(ticket))
    return { kind: "refused", cause: "ticket_place" };
  if (!isInItsTime(ticket, now)) return { kind: "refused", cause: "ticket_expired" };
  // By what is sealed: the same ticket can be written in several ways, since base64url leaves bits unused (RFC 4648, section 3.5).
  // Nor is it the hash that the alias spends: both may have one database.
  const spent = { stateHash: hashState(["handed on", ticket.origin, use, ticket.nonce].join("\n")), returnTo: "/" };
  if (!(await spendState(spent, now))) return { kind: "refused", cause: "ticket_spent" };
  const query = new URLSearchParams();
  for (const name of passedOn) {
    const value = parameters.get(name);
    if (value !== undefined) query.set(name, value);
  }
  log.info("answer.handed_on", { use, host: new URL(ticket.origin).host });
  return { kind: "handed-on", response: withShortHead(redirectTo(`${ticket.origin}${path}?${query}`)) };
}

/**
 * Where a browser goes on to that a provider sent to `AUTH_URL` after a sign-out that began at an alias, to be told there what
 * was done; null for one that belongs here. Nothing goes along but the ticket itself, so that it need not be spent.
 */
export async function signedOutElsewhere(
  headers: Pick<Headers, "get">,
  state: string | undefined,
  now = new Date(),
): Promise<string | null> {
  const ticket = await openTicket(state);
  const here = ownOrigin(headers);
  if (ticket === null || ticket.origin === here || here !== env().authUrl) return null;
  if (ticket.use !== "sign-out" || !isInItsTime(ticket, now) || !mayGoTo(ticket)) return null;
  return `${ticket.origin}/signed-out?${new URLSearchParams({ state: state ?? "" })}`;
}

// That of the deployment that made it.
const clockToleranceSeconds = 60;

/** Not over, and not made to last longer than any is: that it was spent is kept no longer. */
function isInItsTime({ exp }: Ticket, now: Date): boolean {
  const left = exp - now.getTime() / 1000;
  return left > 0 && left <= transactionSeconds + clockToleranceSeconds;
}

// It was one of ours when the ticket was made. What is configured now decides.
function mayGoTo({ origin }: Ticket): boolean {
  return isAlias(origin, env().urlAliases);
}
