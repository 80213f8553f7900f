import "server-only";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { fetchMetadata } from "./metadata";

// Whoever asks for readiness may be anybody: what they learn may be this old, so that their questions cost nobody more.
const knownForMs = 10_000;
// Readiness is asked by machines that give up early.
const readinessTimeoutMs = 2_000;

let asked: { at: number; outcome: Promise<boolean> } | undefined;

/**
 * Whether the discovery document of every provider can be had, as found out at most ten seconds ago. Never throws.
 * Callers at the same time share one round of requests.
 */
export function areProvidersReached(now = Date.now()): Promise<boolean> {
  if (!asked || now - asked.at >= knownForMs || now < asked.at) asked = { at: now, outcome: askProviders() };
  return asked.outcome;
}

async function askProviders(): Promise<boolean> {
  const answers = env().providers.map(async (provider) => {
    try {
      await fetchMetadata(provider, { timeoutMs: readinessTimeoutMs });
      return true;
    } catch (error) {
      log.warn("provider.not_reached", { provider: provider.id, cause: describeError(error) });
      return false;
    }
  });
  return (await Promise.all(answers)).every(Boolean);
}
