import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createMemoryStorage } from "@/e2e/support/memory-storage";
import { findRedis, startRedis, type TestRedis } from "@/e2e/support/redis";
import type { AccessTokenStorage } from "@/edge/token-storage";
import { provideEnv } from "../settings/env";
import { createRedisStorage } from "./redis-storage";
import { boundStorage, tokenStorage, tokenStorageFault } from "./token-storage";

const soon = () => new Date(Date.now() + 60_000);

let redis: TestRedis | undefined;
const opened: { close(): void }[] = [];
afterAll(async () => {
  for (const storage of opened) storage.close();
  await redis?.stop();
});

async function inRedis(): Promise<AccessTokenStorage> {
  redis ??= await startRedis();
  const storage = createRedisStorage(redis.url);
  opened.push(storage);
  return storage;
}

const storages: [name: string, isThere: boolean, open: () => Promise<AccessTokenStorage>][] = [
  ["memory", true, async () => createMemoryStorage()],
  ["Redis", findRedis() !== null, inRedis],
];

for (const [name, isThere, open] of storages) {
  describe.skipIf(!isThere)(`a storage of access tokens in ${name}`, () => {
    let storage: AccessTokenStorage;
    beforeAll(async () => {
      storage = await open();
    });

    it("gives back what was put in, by its id alone", async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await storage.put(id, "v2.k1.n.sealed", soon());
      expect([await storage.get(id), await storage.get(other)]).toEqual(["v2.k1.n.sealed", null]);
    });

    it("lets each end by itself, and takes one that is over already", async () => {
      const [id, over] = [randomUUID(), randomUUID()];
      await storage.put(id, "short", new Date(Date.now() + 150));
      expect(await storage.get(id)).toBe("short");
      await vi.waitFor(async () => expect(await storage.get(id)).toBeNull());
      await storage.put(over, "over", new Date(Date.now() - 60_000));
      expect(await storage.get(over)).toBeNull();
    });

    it("forgets what it is told to, and minds nothing that it never had", async () => {
      const [first, second, kept] = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of [first, second, kept]) await storage.put(id, id, soon());
      await storage.remove([first, second, randomUUID()]);
      expect([await storage.get(first), await storage.get(second), await storage.get(kept)]).toEqual([
        null,
        null,
        kept,
      ]);
    });
  });
}

describe("a storage that is in trouble", () => {
  const limits = { operationMs: 50, awayMs: 200 };

  it.each<[what: string, trouble: () => Promise<never>]>([
    ["hangs", () => new Promise(() => {})],
    ["fails", () => Promise.reject(new Error("READONLY"))],
    [
      "throws before it promises anything",
      () => {
        throw new Error("broken");
      },
    ],
  ])("that %s costs a moment once, then nothing for a while, and is asked again", async (_, trouble) => {
    const asked = vi.fn<() => Promise<never>>(trouble);
    const working = createMemoryStorage();
    let isWell = false;
    const storage = boundStorage(
      {
        put: (...values) => (isWell ? working.put(...values) : asked()),
        get: (id) => (isWell ? working.get(id) : asked()),
        remove: (ids) => (isWell ? working.remove(ids) : asked()),
      },
      limits,
    );
    expect(await storage.get("a")).toBeNull();
    expect([await storage.put("a", "sealed", soon()), await storage.get("a")]).toEqual([false, null]);
    storage.forget(["a"]);
    expect(asked).toHaveBeenCalledTimes(1);
    isWell = true;
    await vi.waitFor(async () => expect(await storage.put("a", "sealed", soon())).toBe(true));
    expect(await storage.get("a")).toBe("sealed");
  });
});

describe.skipIf(findRedis() === null)("a Redis that", () => {
  it("is not there, hangs, or comes back empty costs a moment, and is used again by itself", async () => {
    const own = await startRedis();
    const raw = createRedisStorage(own.url);
    opened.push(raw);
    const storage = boundStorage(raw, { operationMs: 300, awayMs: 100 });
    const works = () =>
      vi.waitFor(async () => expect(await storage.put("a", "sealed", soon())).toBe(true), {
        timeout: 15_000,
        interval: 50,
      });
    try {
      await works();
      own.pause();
      expect(await storage.get("a")).toBeNull();
      own.resume();
      await vi.waitFor(async () => expect(await storage.get("a")).toBe("sealed"), { timeout: 15_000, interval: 50 });
      await own.kill();
      expect([await storage.put("b", "sealed", soon()), await storage.get("a")]).toEqual([false, null]);
      await own.restart();
      await works();
      expect(await storage.get("b")).toBeNull();
    } finally {
      await own.stop();
    }
  });

  it("asks for another password is one that is away", async () => {
    const own = await startRedis();
    const raw = createRedisStorage(own.url.replace(/:[^:@]+@/, ":another@"));
    opened.push(raw);
    try {
      expect(await boundStorage(raw).get("a")).toBeNull();
    } finally {
      await own.stop();
    }
  });
});

describe("what daemun.hooks.ts chooses", () => {
  const redisUrl = "redis://127.0.0.1:1";
  it("is PostgreSQL, where it says nothing", () => {
    provideEnv({ redisUrl: null });
    expect([tokenStorage({}), tokenStorageFault({})]).toEqual([null, null]);
  });

  it("needs an address for Redis, and an address needs to be chosen", () => {
    provideEnv({ redisUrl: null });
    expect(tokenStorageFault({ tokenStore: "redis" })).toMatchObject({ stops: true });
    expect(tokenStorageFault({ tokenStore: createMemoryStorage() })).toBeNull();
    provideEnv({ redisUrl });
    expect(tokenStorageFault({ tokenStore: "redis" })).toBeNull();
    expect(tokenStorageFault({})).toMatchObject({ stops: false });
  });
});
