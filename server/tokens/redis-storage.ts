import "server-only";
import type { RedisClientType } from "redis";
import type { AccessTokenStorage } from "@/edge/token-storage";
import { describeError, log } from "../http/log";

// Others may keep theirs there too.
const prefix = "daemun:token:";

const connectMs = 2_000;
const longestPauseMs = 3_000;
// What waits for an answer while it hangs. One more is refused at once.
const mostCommands = 1_000;
// How often a connection that looks alive is asked whether it is.
const pingMs = 30_000;

/**
 * Access tokens in Redis, or what speaks its protocol (Valkey): each ends there by itself. It may evict what it likes, and be
 * emptied: what is gone is got anew.
 *
 * Source: https://redis.io/docs/latest/commands/set/ (`PXAT`, since 6.2).
 * @param url `redis://` or `rediss://`, with a password if there is one. Connects at the first use, and again by itself
 */
export function createRedisStorage(url: string): AccessTokenStorage & { close(): void } {
  let opened: Promise<RedisClientType> | undefined;

  async function open(): Promise<RedisClientType> {
    // Only where it is chosen: nobody else loads it.
    const { createClient } = await import("redis");
    const client = createClient({
      url,
      // Whoever waits for it has gone on already.
      disableOfflineQueue: true,
      commandsQueueMaxLength: mostCommands,
      pingInterval: pingMs,
      socket: {
        connectTimeout: connectMs,
        reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, longestPauseMs),
      },
    }) as unknown as RedisClientType;
    // Without a listener each would end the process. The address may hold a password: the cause is all that is said.
    let isDown = false;
    client.on("error", (error) => {
      if (!isDown) log.warn("redis.away", { cause: describeError(error) });
      isDown = true;
    });
    client.on("ready", () => {
      if (isDown) log.info("redis.back", {});
      isDown = false;
      // A command that is done is not to wait for it.
      client.unref();
    });
    const connecting = client.connect();
    connecting.catch(() => {});
    await Promise.race([connecting, new Promise((resolve) => client.once("error", resolve))]);
    return client;
  }

  function ready(): Promise<RedisClientType> {
    opened ??= open();
    // What cannot even be loaded is tried again.
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  }

  return {
    async put(id, sealed, expiresAt) {
      await (await ready()).set(prefix + id, sealed, { expiration: { type: "PXAT", value: expiresAt.getTime() } });
    },
    async get(id) {
      return (await ready()).get(prefix + id);
    },
    async remove(ids) {
      // UNLINK frees them apart from its one thread.
      await (await ready()).unlink(ids.map((id) => prefix + id));
    },
    close() {
      opened?.then(
        (client) => client.destroy(),
        () => {},
      );
      opened = undefined;
    },
  };
}
