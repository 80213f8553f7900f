import type { RunningApp } from "../../dev/run/app";
import type { HttpBrowser } from "../support/http-browser";
import type { StartedApp } from "../support/start-app";
import type { Fault, FaultKind, History } from "./history";
import type { Random } from "./random";

/** One process of the app, on a port that it keeps through all its lives. */
export interface Instance {
  url: string;
  port: number;
  running: RunningApp;
  /** All its lives, the present one last. */
  lives: RunningApp[];
}

/** Somebody at the provider. */
export interface Account {
  /** Their `sub`, login, name and address are made of it. */
  word: string;
}

/** The cookies of a session that is over, as whoever copied them has them. */
export interface Ghost {
  account: Account;
  session: string;
  browser: HttpBrowser;
}

/** All that takes part in a run. */
export interface World {
  app: StartedApp;
  instances: readonly [Instance, Instance];
  history: History;
  accounts: Account[];
  ghosts: Ghost[];
  /** When everybody stops, milliseconds since 1970. */
  until: number;
}

export function pickInstance(random: Random): number {
  return random.between(0, 1);
}

/** Writes a fault down for as long as `work` takes. */
export async function during<T>(
  { history }: Pick<World, "history">,
  fault: { kind: FaultKind; what: string; instance?: number },
  work: () => Promise<T>,
): Promise<T> {
  const entry: Fault = { instance: null, ...fault, begin: Date.now(), end: null };
  history.faults.push(entry);
  try {
    return await work();
  } finally {
    entry.end = Date.now();
  }
}
