import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActiveSession } from "../sessions/registry/active-session";
import { provideEnv } from "../settings/env";
import type { ServiceSettings } from "../settings/services";
import type { ServiceError } from "./errors";
import { getServiceLoad, hasAllStreams, type Share, takeShare } from "./shares";
import { callUpstream } from "./upstream";

const never = () => new AbortController().signal;
const open: ServerResponse[] = [];
let server: Server;
let service: ServiceSettings;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== "/events") return void response.end("{}");
    open.push(response);
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  service = {
    id: "feed",
    name: "Feed",
    baseUrl: `http://127.0.0.1:${port}`,
    authentication: { kind: "none" },
    client: null,
    timeoutMs: 9000,
    maxCalls: 8,
    maxStreams: 300,
  };
  provideEnv({ services: [service], outboundTimeoutMs: 5000 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const sessionOf = (id: string) => ({ id }) as ActiveSession;
const requestOf = (target: string, share: Share) => ({
  method: "GET",
  target,
  headers: new Headers(),
  body: null,
  contentLength: null,
  signal: never(),
  onSocket: share.use,
});

async function openStream(id: string) {
  const share = await takeShare(sessionOf(id), service, never());
  const response = await callUpstream(service, requestOf("/events", share));
  response.on("error", () => {});
  return { share, response, refused: share.becomeStream() };
}

describe("the connections of a service", () => {
  it("FF-03: 260 people with a stream each use up none of those for calls, which are answered all the while", {
    timeout: 60_000,
  }, async () => {
    const streams = [];
    for (let at = 0; at < 260; at += 1) streams.push(await openStream(`person-${at}`));
    expect(streams.filter(({ refused }) => refused !== null)).toEqual([]);
    await expect.poll(() => open.length).toBe(260);
    const calls = Array.from({ length: 16 }, async (_, at) => {
      const share = await takeShare(sessionOf(`other-${at}`), service, never());
      const response = await callUpstream(service, requestOf("/orders", share));
      response.resume();
      await new Promise((resolve) => response.once("close", resolve));
      share.release();
      return response.statusCode;
    });
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    expect(getServiceLoad()).toEqual([
      { service: "feed", calls: 0, waiting: 0, mostCalls: 8, streams: 260, mostStreams: 300 },
    ]);
    for (const { share, response } of streams) {
      response.destroy();
      share.release();
    }
    expect(getServiceLoad()).toMatchObject([{ streams: 0 }]);
    // No connection of a stream is left behind, and none was kept for calls.
    await expect.poll(() => open.every(({ destroyed, closed }) => destroyed || closed)).toBe(true);
  });

  it("FF-03: a call is overloaded where all of them are in use, and its own session's share is not what it used up", async () => {
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, at) => takeShare(sessionOf(`busy-${at}`), service, never())),
    );
    const refused = takeShare(sessionOf("late"), service, never());
    await expect(refused).rejects.toMatchObject({
      code: "overloaded",
      retryAfterSeconds: 5,
    } satisfies Partial<ServiceError>);
    for (const share of taken) share.release();
    (await takeShare(sessionOf("late"), service, never())).release();
    expect(getServiceLoad()).toMatchObject([{ calls: 0 }]);
  });

  it("FF-03: a seventh stream of one session is past its share, and a service has only so many", async () => {
    const streams = [];
    for (let at = 0; at < 6; at += 1) streams.push(await openStream("one"));
    expect(hasAllStreams(sessionOf("one"))).toBe(true);
    const seventh = await openStream("one");
    expect(seventh.refused).toBe("rate_limited");
    const full = { ...service, maxStreams: 6 };
    const other = await takeShare(sessionOf("two"), full, never());
    expect(other.becomeStream()).toBe("overloaded");
    for (const { share, response } of [...streams, seventh]) {
      response.destroy();
      share.release();
    }
    other.release();
    expect([hasAllStreams(sessionOf("one")), getServiceLoad()]).toMatchObject([false, [{ calls: 0, streams: 0 }]]);
  });
});
