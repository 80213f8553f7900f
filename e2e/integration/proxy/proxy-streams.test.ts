import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pattern } from "../../../dev/resource-servers/downloads";
import type { HttpBrowser } from "../../support/http-browser";
import { call, jsonOf, openCall, received } from "../../support/proxied";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

const gigabyte = 1024 ** 3;
// A tenth of what is passed on. A collector that has no processor frees later.
const mostMegabytes = 100;
// A manual run can be as long as the issue says: EVENT_SECONDS=60.
const eventSeconds = Number(process.env.EVENT_SECONDS ?? 5);

let app: TestApp;
let haneul: HttpBrowser;
beforeAll(async () => {
  app = await openTestApp();
  haneul = await signedIn(app, { user: "haneul" });
  // What code takes that runs for the first time is no growth.
  for (let warm = 0; warm < 60; warm += 1) await call(app, haneul, "shopping/orders");
});
afterEach(() => app.services.shopping.control.reset());
afterAll(() => app.close());

/** Megabytes that the app's processes hold. */
async function residentMegabytes(): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,rss="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const kilobytes = rows.filter(([group]) => group === app.instance.pid).map(([, size]) => size ?? 0);
  expect(kilobytes).not.toEqual([]);
  return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** What `work` answers, with how long it took and by how much the app's memory grew at most meanwhile. */
async function measured<T>(what: string, work: () => Promise<T>): Promise<{ result: T; grownMegabytes: number }> {
  const before = await residentMegabytes();
  let highest = before;
  let isOver = false;
  const startedAt = performance.now();
  const watched = work().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    highest = Math.max(highest, await residentMegabytes());
    await Promise.race([watched.catch(() => {}), sleep(100)]);
  }
  const result = await watched;
  const seconds = (performance.now() - startedAt) / 1000;
  const grownMegabytes = highest - before;
  console.log(
    `${what}: ${seconds.toFixed(1)} s, ${before.toFixed(0)} MB and ${grownMegabytes.toFixed(1)} MB more at most.`,
  );
  return { result, grownMegabytes };
}

/** How much arrived, and its last bytes: hashing it here would take longer than the whole way. */
async function download(size: number, query = "") {
  const answer = await openCall(app, haneul, `shopping/downloads/${size}${query}`).answer;
  let bytes = 0;
  let last: Buffer = Buffer.alloc(0);
  for await (const chunk of answer) {
    bytes += chunk.length;
    last = chunk;
  }
  return { bytes, last };
}

async function upload(size: number, headers: Record<string, string> = {}) {
  const body = Readable.from(pattern(0, size), { objectMode: false, highWaterMark: 65536 });
  return jsonOf(await openCall(app, haneul, "shopping/uploads", { method: "POST", body, headers }).answer);
}

function expected(size: number) {
  const hash = createHash("sha256");
  for (const piece of pattern(0, size)) hash.update(piece);
  return { bytes: size, sha256: hash.digest("hex") };
}

describe("in flat memory", () => {
  it.each(["", "?chunked=1"])("a gigabyte is downloaded (%s)", { timeout: 120_000 }, async (query) => {
    const { result, grownMegabytes } = await measured(`1 GB down${query}`, () => download(gigabyte, query));
    expect(result.bytes).toBe(gigabyte);
    const { last } = result;
    expect(last.equals(Buffer.concat([...pattern(gigabyte - last.length, last.length)]))).toBe(true);
    expect(grownMegabytes).toBeLessThan(mostMegabytes);
  });

  it.each([
    ["with", { "Content-Length": String(gigabyte) }],
    ["without", {}],
  ] as const)("a gigabyte is uploaded, %s its length", { timeout: 120_000 }, async (what, headers) => {
    const { result, grownMegabytes } = await measured(`1 GB up ${what} its length`, () => upload(gigabyte, headers));
    expect(result).toEqual(expected(gigabyte));
    expect(grownMegabytes).toBeLessThan(mostMegabytes);
  });

  it("a browser that does not read what it asked for holds the service up, and not our memory", async () => {
    const control = app.services.shopping.control;
    const { grownMegabytes } = await measured("1 GB that nobody reads", async () => {
      const { sent, answer } = openCall(app, haneul, `shopping/downloads/${gigabyte}`);
      (await answer).pause();
      let last = -1;
      // Until nothing moves any more.
      await expect
        .poll(
          () => {
            const now = control.journal().at(-1)?.sentBytes ?? 0;
            const isStill = now === last;
            last = now;
            return isStill;
          },
          { interval: 500 },
        )
        .toBe(true);
      expect(last).toBeLessThan(64 * 1024 ** 2);
      sent.destroy();
    });
    expect(grownMegabytes).toBeLessThan(mostMegabytes);
  });

  it("a service that does not read what it is sent holds the browser up, and not our memory", async () => {
    app.services.shopping.control.addFault({ fault: { kind: "delay", delayMs: 3_000 } });
    let given = 0;
    const pieces = function* () {
      for (const piece of pattern(0, 500_000_000)) {
        given += piece.length;
        yield piece;
      }
    };
    const { grownMegabytes } = await measured("500 MB that nobody reads for 3 s", async () => {
      const { answer } = openCall(app, haneul, "shopping/uploads", {
        method: "POST",
        body: Readable.from(pieces(), { objectMode: false }),
      });
      await sleep(2_000);
      expect(given).toBeLessThan(64 * 1024 ** 2);
      expect(await jsonOf(await answer)).toMatchObject({ bytes: 500_000_000 });
    });
    expect(grownMegabytes).toBeLessThan(mostMegabytes);
  });
});

describe("an event stream", () => {
  it("begins at once and brings its events one by one, not packed, for as long as it lasts", {
    timeout: 120_000,
  }, async () => {
    const everyMs = 200;
    const count = (eventSeconds * 1000) / everyMs;
    const { result, grownMegabytes } = await measured(`${eventSeconds} s of events`, async () => {
      const { answer } = openCall(app, haneul, `shopping/events?everyMs=${everyMs}&count=${count}`, {
        headers: { Accept: "text/event-stream", "Accept-Encoding": "gzip, deflate, br", "Last-Event-ID": "7" },
      });
      const stream = await answer;
      expect(stream.headers).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "private, no-store, no-transform",
      });
      expect(stream.headers["content-encoding"]).toBeUndefined();
      const delays: number[] = [];
      for await (const chunk of stream) {
        const events = String(chunk).split("\n\n").filter(Boolean);
        for (const event of events) {
          const { time } = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "");
          delays.push(Date.now() - new Date(time).getTime());
        }
      }
      return delays;
    });
    expect(result).toHaveLength(count);
    // Later than when it was sent by less than the time to the next.
    expect(result.filter((delay) => delay >= everyMs)).toEqual([]);
    expect(grownMegabytes).toBeLessThan(mostMegabytes);
    const request = app.services.shopping.control.journal().at(-1);
    expect(request && [received(request, "last-event-id"), request.abortedAt]).toEqual([["7"], null]);
  });

  it("is open before its first event", async () => {
    app.services.shopping.control.addFault({ fault: { kind: "drip", everyMs: 2_000, bytes: 10_000 } });
    const startedAt = performance.now();
    const { sent, answer } = openCall(app, haneul, "shopping/events?count=1");
    expect((await answer).statusCode).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    (await answer).once("error", () => {});
    sent.destroy();
  });
});
