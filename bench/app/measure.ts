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
const warmUps = 1_000;
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
  const target = { app, url, people, amount: warmUps };
  const { processorMs } = await measureCost(target);
  const amount = Math.round(Math.min(5_000, Math.max(200, processorMsPerRound / processorMs)));
  return { ...target, amount };
}

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
