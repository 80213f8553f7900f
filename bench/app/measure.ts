import { ask } from "../load";
import { type Case, headersOf } from "./cases";
import { processorTimeOf } from "./processor-time";
import type { BenchApp } from "./world";

/** What one request cost. */
export interface Cost {
  /** Milliseconds of processor time of the app. */
  processorMs: number;
  requestsPerSecond: number;
}

const connections = 10;
/** It compiles what runs often again and again, and does that in threads of its own, whose time counts. */
const warmUp = { amount: 400, atLeast: 3, atMost: 10, isSteadyAt: 0.95 };
/** So long an app works for one figure, about: the kernel counts in tens of milliseconds. */
const processorMsPerRound = 1_500;

export interface Target {
  app: BenchApp;
  url: string;
  people: Record<string, string>[];
  amount: number;
}

/** An app's part of a case, warmed up, with as many requests a round as it takes for a figure. */
export async function prepare(which: Case, app: BenchApp, cookies: readonly string[]): Promise<Target | null> {
  const path = which.paths[app.name];
  if (!path) return null;
  const url = app.running.url + path;
  const people = which.signedIn
    ? cookies.map((Cookie) => ({ ...headersOf(which), ...(Cookie && { Cookie }) }))
    : [headersOf(which)];
  await verify(which, url, people);
  const processorMs = await warmedUp({ app, url, people, amount: warmUp.amount });
  const amount = Math.round(Math.min(5_000, Math.max(200, processorMsPerRound / processorMs)));
  return { app, url, people, amount };
}

/** Asks until it gets no faster, and answers with the processor time of a request then. */
async function warmedUp(target: Target): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 1; ; turn += 1) {
    const { processorMs } = await measureCost(target);
    const isSteady = processorMs > best * warmUp.isSteadyAt;
    best = Math.min(best, processorMs);
    if (turn >= warmUp.atMost || (isSteady && turn >= warmUp.atLeast)) return best;
  }
}

/** Asks as often as the target says, and answers with what one request cost. */
export async function measureCost({ app, url, people, amount }: Target): Promise<Cost> {
  const before = processorTimeOf(app.running.pid);
  const requestsPerSecond = await ask(url, { amount, connections }, people);
  return { processorMs: (processorTimeOf(app.running.pid) - before) / amount, requestsPerSecond };
}

/** A benchmark of an error page, or of a page for strangers, would flatter. Everybody has been there once, too. */
async function verify({ shows, signedIn }: Case, url: string, people: Record<string, string>[]): Promise<void> {
  for (const headers of people) {
    const answer = await fetch(url, { headers, redirect: "manual" });
    const body = await answer.text();
    if (answer.status !== 200 || !body.includes(shows)) {
      throw new Error(
        `${url} does not show "${shows}"${signedIn ? " to a user" : ""}: ${answer.status}\n${body.slice(0, 500)}`,
      );
    }
  }
}
