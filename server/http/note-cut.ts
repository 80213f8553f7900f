import "server-only";
import { log } from "./log";

const held = globalThis as typeof globalThis & { daemunCuts?: Set<string> };
const atMost = 1_000;

/**
 * Says in the log that something which a provider or a service sent was not kept whole: once in each process for each sender
 * and place. Never what it was.
 *
 * @param from who sent it: an issuer, or a service
 * @param what where it stood, such as a claim's name
 */
export function noteCut(from: string, what: string, sizes: { kept: number; of: number }): void {
  held.daemunCuts ??= new Set();
  const key = `${from} ${what}`;
  if (held.daemunCuts.has(key) || held.daemunCuts.size >= atMost) return;
  held.daemunCuts.add(key);
  log.warn("answer.cut", { from, what, kept: sizes.kept, of: sizes.of });
}
