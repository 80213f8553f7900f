import { type FaultKind, type History, hadFault } from "./history";

interface Excuse {
  kinds: readonly FaultKind[];
  /** How long it takes after the fault until that passes, milliseconds. */
  afterMs: number;
}

// A lease that a killed process has left behind, and a request that waits for it.
const leaseMs = 20_000;
// Retry-After, and answers that were withheld until a timeout.
const providerMs = 12_000;
// Connections that are found to be dead, and the crowd that has waited for them.
const databaseMs = 15_000;
// Tokens and ID tokens of the moved clock live on for a while.
const clockMs = 30_000;

const provider: Excuse = { kinds: ["provider"], afterMs: providerMs };
const clock: Excuse = { kinds: ["clock"], afterMs: clockMs };
const database: Excuse = { kinds: ["database"], afterMs: databaseMs };
// A machine that has no time for anything, the one that runs the test included.
const starved: Excuse = { kinds: ["starved"], afterMs: providerMs };

/** What each of the app's codes may come of. A code that is not here is never right in a run. */
const excuses: Readonly<Record<string, readonly Excuse[]>> = {
  database_unavailable: [database, starved],
  overloaded: [database, starved],
  logout_incomplete: [database, starved],
  provider_unavailable: [provider, starved],
  provider_timeout: [provider, { kinds: ["kill"], afterMs: leaseMs }, database, starved],
  provider_error: [provider, clock],
  invalid_response: [provider, clock],
  // A logout token that could not be carried out is told so, whatever the reason.
  invalid_request: [provider, clock, database, starved],
  clock_skew: [clock],
  id_token_invalid: [clock],
  upstream_timeout: [provider, starved],
  upstream_unavailable: [provider, starved],
  // A service's own word for a token that has run out on its way.
  invalid_token: [clock, starved, database],
};

/** Whether something that went on explains that the app answered with `code`. */
export function isExcused({ faults }: Pick<History, "faults">, code: string, span: { begin: number; end: number }) {
  return (excuses[code] ?? []).some(({ kinds, afterMs }) => hadFault(faults, kinds, { ...span, afterMs }));
}

/** The codes with which an answer has to say when to try again. */
export const saysWhen: readonly string[] = [
  "database_unavailable",
  "overloaded",
  "logout_incomplete",
  "provider_unavailable",
  "provider_timeout",
];
