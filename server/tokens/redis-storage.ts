import "server-only";
import type { RedisClientType } from "redis";
import type { AccessTokenStorage } from "@/edge/token-storage";
import { describeError, log } from "../http/log";

// Others may keep theirs there too.
const prefix = "daemun:token:";

const connectMs = 2_000;
// A connection that is silent for so long while it is asked is dead, though nobody has closed it.
const silentMs = 5_000;
// What waits for an answer while it hangs. One more is refused at once.
const mostCommands = 1_000;

/**
 * Access tokens in Redis, or what speaks its protocol (Valkey): each ends there by itself. It may evict what it likes, and be
 * emptied: what is gone is fetched again.
 *
 * Source: https://redis.io/docs/latest/commands/set/ (`PXAT`, since 6.2).
 * @param url `redis://` or `rediss://`, with a password if there is one. Connects at the first use, and at the next one after it was away
 */
export function createRedisStorage(url: string): AccessTokenStorage & { close(): void } {
  let opened: Promise<RedisClientType> | undefined;
  let isDown = false;
  let underWay = 0;

  async function open(): Promise<RedisClientType> {
    // Only where it is chosen: nobody else loads it.
    const { createClient } = await import("redis");
    const client = createClient({
      url,
      // Whoever waits for it has gone on already.
      disableOfflineQueue: true,
      commandsQueueMaxLength: mostCommands,
      // The next use connects. Of itself it would try for ever, and a command that is done could not end.
      socket: { connectTimeout: connectMs, reconnectStrategy: false },
    }) as unknown as RedisClientType;
    // Without a listener each would end the process. The address may hold a password: the cause is all that is said.
    client.on("error", (error) => {
      if (!isDown) log.warn("redis.away", { cause: describeError(error) });
      isDown = true;
      drop(client);
    });
    await client.connect();
    if (isDown) log.info("redis.back", {});
    isDown = false;
    return client;
  }

  function connected(): Promise<RedisClientType> {
    if (opened) return opened;
    const opening = open();
    opened = opening;
    opening.catch(() => {
      if (opened === opening) opened = undefined;
    });
    return opening;
  }

  function drop(client: RedisClientType): void {
    opened?.then(
      (current) => {
        if (current === client) opened = undefined;
      },
      () => {},
    );
    if (client.isOpen) client.destroy();
  }

  async function ask<T>(work: (client: RedisClientType) => Promise<T>): Promise<T> {
    const client = await connected();
    const timer = setTimeout(() => drop(client), silentMs);
    timer.unref();
    // A command ends although it is connected, and not while it waits for an answer.
    underWay += 1;
    client.ref();
    try {
      return await work(client);
    } finally {
      clearTimeout(timer);
      underWay -= 1;
      if (underWay === 0) client.unref();
    }
  }

  return {
    async put(id, sealed, expiresAt) {
      const expiration = { type: "PXAT", value: expiresAt.getTime() } as const;
      await ask((client) => client.set(prefix + id, sealed, { expiration }));
    },
    get: (id) => ask((client) => client.get(prefix + id)),
    async remove(ids) {
      // UNLINK frees them apart from its one thread.
      await ask((client) => client.unlink(ids.map((id) => prefix + id)));
    },
    close() {
      opened?.then(drop, () => {});
      opened = undefined;
    },
  };
}
