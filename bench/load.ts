import { fork } from "node:child_process";
import { once } from "node:events";

const connections = 50;
const warmUpSeconds = 2;
const seconds = 5;

interface Result {
  url: string;
  "2xx": number;
  non2xx: number;
  errors: number;
  timeouts: number;
  /** In seconds. */
  duration: number;
}

/**
 * Asks for `url` from 50 connections for 5 seconds, after a warm-up, from a process of its own.
 *
 * @param people the headers that each sends; several take turns in connecting
 * @returns requests a second
 * @throws Error when any answer was not 2xx, or none came
 */
export async function measure(url: string, ...users: Record<string, string>[]): Promise<number> {
  const result = await shoot(url, { url, headers: users, seconds, warmUpSeconds, connections });
  return result["2xx"] / result.duration;
}

/**
 * Asks for `url` so many times, without any warm-up, from a process of its own.
 *
 * @param options.connections how many requests are under way at once
 * @param people the headers that each sends; several take turns in connecting
 * @returns requests a second
 * @throws Error when any answer was not 2xx
 */
export async function ask(
  url: string,
  { amount, connections }: { amount: number; connections: number },
  users: Record<string, string>[],
): Promise<number> {
  const result = await shoot(url, { url, headers: users, amount, connections });
  if (result["2xx"] !== amount) throw new Error(`${url}: ${result["2xx"]} of ${amount} requests were answered.`);
  return amount / result.duration;
}

async function shoot(url: string, order: object): Promise<Result> {
  const child = fork(new URL("shoot.mjs", import.meta.url), { execArgv: [] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The load on ${url} ended (${code}).`);
  });
  child.send(order);
  const [result] = (await Promise.race([once(child, "message"), ended])) as [Result];
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0 || !(result["2xx"] > 0))
    throw new Error(`${url}: ${failed} requests failed, ${result["2xx"]} did not.`);
  return result;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which so much of all is, between two of them where it falls between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const below = Math.floor(place);
  return at(below) + (place - below) * (at(Math.ceil(place)) - at(below));
}
