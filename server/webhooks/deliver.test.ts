import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { deliverDue } from "./deliver";

/** What it answers, by the type of the event. */
let statusOf: (type: string, data: { at?: number }) => number;
let asked: string[];
let server: Server;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { type, data } = JSON.parse(body) as { type: string; data: { at?: number } };
    asked.push(type);
    response.writeHead(statusOf(type, data)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  provideEnv({
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    webhook: { url: `http://127.0.0.1:${port}/`, keys: [Buffer.alloc(32)] },
    outboundTimeoutMs: 10_000,
  });
});
afterAll(async () => {
  await db.$disconnect();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(async () => {
  asked = [];
  await db.$executeRaw`TRUNCATE "WebhookMessage"`;
});

/** Messages, each longer due than the one after it. */
const put = (...events: string[]) =>
  db.webhookMessage.createMany({
    data: events.map((event, at) => ({
      event,
      data: { at },
      at: new Date(),
      nextAttemptAt: new Date(Date.now() - 3_600_000 + at * 1_000),
      expiresAt: new Date(Date.now() + 86_400_000),
    })),
  });
const undelivered = () => db.webhookMessage.findMany({ where: { deliveredAt: null }, select: { event: true } });
const deliver = () => deliverDue(Date.now() + 60_000);
const times = (count: number, event: string) => Array<string>(count).fill(event);

it("a receiver that takes all but one event is told the others, also where that one waits before and between them", async () => {
  statusOf = (type) => (type === "session.revoked" ? 503 : 204);
  await put(
    ...times(3, "session.revoked"),
    ...times(5, "sign_in.succeeded"),
    ...times(3, "session.revoked"),
    ...times(9, "sign_out"),
  );
  expect(await deliver()).toMatchObject({ delivered: 14, isAway: false });
  expect(new Set((await undelivered()).map(({ event }) => event))).toEqual(new Set(["session.revoked"]));
  expect(await undelivered()).toHaveLength(6);
});

it("a receiver that chokes on one message is told all others of the same event", async () => {
  statusOf = (_, { at }) => (at === 4 ? 503 : 204);
  await put(...times(20, "sign_out"));
  expect(await deliver()).toMatchObject({ delivered: 19, isAway: false });
  expect(await undelivered()).toEqual([{ event: "sign_out" }]);
});

it("a receiver that chokes on the first message is away for one run, and hears all others in the next", async () => {
  statusOf = (_, { at }) => (at === 0 ? 503 : 204);
  await put(...times(20, "sign_out"));
  expect(await deliver()).toEqual({ delivered: 0, failed: 1, isAway: true });
  expect(await deliver()).toMatchObject({ delivered: 19, isAway: false });
});

it("while the receiver is away, one message of each event finds that out, and the rest lose no attempt", async () => {
  statusOf = () => 503;
  await put(...times(20, "sign_out"), ...times(20, "sign_in.succeeded"));
  expect(await deliver()).toEqual({ delivered: 0, failed: 2, isAway: true });
  expect(asked).toEqual(["sign_out", "sign_in.succeeded"]);
});

it("a receiver that goes away in the middle costs the messages under way, and not those that wait", async () => {
  let left = 10;
  statusOf = () => {
    left -= 1;
    return left < 0 ? 503 : 204;
  };
  await put(...times(60, "sign_out"));
  const { delivered, failed, isAway } = await deliver();
  expect({ delivered, isAway }).toEqual({ delivered: 10, isAway: false });
  expect(failed).toBeLessThanOrEqual(8);
});
