import "server-only";
import { randomUUID } from "node:crypto";
import daemunHooks from "@/daemun.hooks";
import type { Hooks } from "@/edge/hooks";
import type { AccessTokenStorage } from "@/edge/token-storage";
import { afterResponse } from "../http/after-response";
import { deadlineIn, onDeadline } from "../http/deadline";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { createRedisStorage } from "./redis-storage";

/** A storage that costs at most a little time, whatever becomes of it. Nothing of it throws. */
export interface BoundedStorage {
  /** Whether it has the value now; where not, it belongs into the database. */
  put(id: string, sealed: string, expiresAt: Date): Promise<boolean>;
  /** Null also where it cannot be asked. */
  get(id: string): Promise<string | null>;
  /** Whether it answers now. */
  isReached(): Promise<boolean>;
  /** Once the answer has gone out. What stays for all that ends by itself, and nobody knows its id. */
  forget(ids: readonly string[]): void;
}

// Longer than any answer within one data centre takes, shorter than people notice.
const operationMs = 300;
// Then it is left alone, so that the next page does not wait as long again.
const awayMs = 5_000;

/**
 * Bounds a storage: each call to 300 ms, and after one that failed none for five seconds.
 *
 * @param limits other limits, for tests
 */
export function boundStorage(storage: AccessTokenStorage, limits = { operationMs, awayMs }): BoundedStorage {
  let awayUntil = 0;

  async function within<T>(kind: string, otherwise: T, work: () => Promise<T>): Promise<T> {
    if (performance.now() < awayUntil) return otherwise;
    let callOff = () => {};
    const late = new Promise<never>((_, reject) => {
      callOff = onDeadline(deadlineIn(limits.operationMs), () => reject(new Error("It did not answer in time.")));
    });
    try {
      // In a function of its own: one that throws before it promises anything is the same.
      const asked = (async () => work())();
      asked.catch(() => {});
      return await Promise.race([asked, late]);
    } catch (error) {
      if (performance.now() >= awayUntil)
        log.warn("token_storage.away", { kind, cause: describeError(error), forMs: limits.awayMs });
      awayUntil = performance.now() + limits.awayMs;
      return otherwise;
    } finally {
      callOff();
    }
  }

  return {
    put: (id, sealed, expiresAt) =>
      within("put", false, async () => {
        await storage.put(id, sealed, expiresAt);
        return true;
      }),
    get: (id) => within("get", null, async () => (await storage.get(id)) ?? null),
    isReached: () =>
      within("get", false, async () => {
        await storage.get(randomUUID());
        return true;
      }),
    forget(ids) {
      if (ids.length === 0) return;
      afterResponse(() => within("remove", undefined, () => storage.remove(ids)));
    },
  };
}

/** What `daemun.hooks.ts` has chosen; null for PostgreSQL alone. */
export function tokenStorage(hooks: Hooks = daemunHooks): BoundedStorage | null {
  const { tokenStore } = hooks;
  if (tokenStore === undefined) return null;
  return inProcess("token-storage", () =>
    boundStorage(tokenStore === "redis" ? createRedisStorage(env().redisUrl ?? "") : tokenStore),
  );
}

/** What is wrong with the choice, or odd about it; null where nothing is. */
export function tokenStorageFault(hooks: Hooks = daemunHooks): { stops: boolean; text: string } | null {
  const { redisUrl } = env();
  if (hooks.tokenStore === "redis" && redisUrl === null)
    return { stops: true, text: 'REDIS_URL is missing: daemun.hooks.ts says tokenStore: "redis".' };
  if (hooks.tokenStore !== "redis" && redisUrl !== null)
    return {
      stops: false,
      text: 'REDIS_URL is set, and daemun.hooks.ts does not say tokenStore: "redis": it is not used.',
    };
  return null;
}
