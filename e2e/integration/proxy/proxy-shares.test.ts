import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import type { HttpBrowser } from "../../support/http-browser";
import { bytesOf, call, errorOf, jsonOf, openCall } from "../../support/proxied";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
// In the place of the store: answers when the test says so.
let held: Server;
let waiting: ServerResponse[] = [];
let mostAtOnce = 0;
let isOpen = false;
beforeAll(async () => {
  const port = await findFreePort();
  held = createServer((request, response) => {
    request.resume();
    if (isOpen) return void response.end("{}");
    waiting.push(response);
    mostAtOnce = Math.max(mostAtOnce, waiting.length);
    response.once("close", () => {
      waiting = waiting.filter((other) => other !== response);
    });
  });
  await new Promise<void>((resolve) => held.listen(port, "localhost", resolve));
  app = await openTestApp({ env: { SERVICE_STORE_URL: `http://localhost:${port}`, OUTBOUND_TIMEOUT_MS: "9000" } });
  haneul = await signedIn(app, { user: "haneul" });
});
afterEach(() => app.services.shopping.control.reset());
afterAll(async () => {
  await app.close();
  held.closeAllConnections();
  held.close();
});

const organization = { headers: { "X-Organization": "org_hanok" } };
const events = (headers: Record<string, string> = { Accept: "text/event-stream" }) =>
  openCall(app, haneul, "shopping/events?everyMs=60000", { headers });
const retryAfter = (answer: IncomingMessage) => Number(answer.headers["retry-after"]);

describe("what one session may have at a time", () => {
  it("FF-03: 16 calls run at once, 100 more wait, and one more is told 429 with when to try again", {
    timeout: 120_000,
  }, async () => {
    const answers = Array.from({ length: 130 }, () => call(app, haneul, "store/inventory", organization));
    let refused = 0;
    for (const answer of answers)
      answer.then(
        ({ status }) => {
          if (status === 429) refused += 1;
        },
        () => {},
      );
    await expect.poll(() => [waiting.length, refused >= 14]).toEqual([16, true]);
    isOpen = true;
    for (const response of waiting) response.end("{}");
    const told = await Promise.all(answers);
    isOpen = false;
    expect(mostAtOnce).toBe(16);
    expect([...new Set(told.map(({ status }) => status))].sort()).toEqual([200, 429]);
    const refusal = told.find(({ status }) => status === 429);
    expect(refusal && errorOf(refusal)).toEqual([429, "rate_limited"]);
    expect(Number(refusal?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("FF-03: who waits is told 429 after a while, other services and other people wait for nobody, and 16 go on", {
    timeout: 60_000,
  }, async () => {
    const running = Array.from({ length: 16 }, () => openCall(app, haneul, "store/inventory", organization));
    await expect.poll(() => waiting.length).toBe(16);
    const late = openCall(app, haneul, "store/inventory", organization);
    expect((await call(app, haneul, "shopping/orders")).status).toBe(200);
    expect((await call(app, await signedIn(app), "shopping/orders")).status).toBe(200);
    const told = await late.answer;
    expect([told.statusCode, retryAfter(told) > 0]).toEqual([429, true]);
    for (const response of waiting) response.end("{}");
    for (const { answer } of running) (await answer).resume();
  });

  it("FF-03: six streams are open at once, calls go on beside them, and another stream has to wait for an end", {
    timeout: 60_000,
  }, async () => {
    const open = Array.from({ length: 6 }, () => events());
    for (const { answer } of open) expect((await answer).statusCode).toBe(200);
    const journal = () => app.services.shopping.control.journal();
    const before = journal().length;
    const told = await events().answer;
    expect([told.statusCode, (await jsonOf(told)).error, retryAfter(told) > 0]).toEqual([429, "rate_limited", true]);
    expect(journal()).toHaveLength(before);
    // One that does not say what it is, is seen by its answer.
    expect((await events({}).answer).statusCode).toBe(429);
    const calls = await Promise.all(Array.from({ length: 20 }, () => call(app, haneul, "shopping/orders")));
    expect(new Set(calls.map(({ status }) => status))).toEqual(new Set([200]));
    open[0]?.sent.destroy();
    await expect.poll(async () => (await events().answer).statusCode).toBe(200);
    for (const { sent, answer } of open) {
      (await answer).once("error", () => {});
      sent.destroy();
    }
  });
});

describe("a service that refuses every token", () => {
  const refreshes = async () => (await app.control.counters("company")).refreshes;

  it("FF-04: 30 calls that it answers with 401 cause one refresh at most, and the next that it takes is none of them", {
    timeout: 60_000,
  }, async () => {
    const browser = await signedIn(app, { user: "minsu" });
    expect((await call(app, browser, "shopping/orders")).status).toBe(200);
    app.services.shopping.control.addFault({ fault: { kind: "unauthorized" }, times: null });
    const before = await refreshes();
    const together = await Promise.all(Array.from({ length: 20 }, () => call(app, browser, "shopping/orders")));
    expect(new Set(together.map(({ status }) => status))).toEqual(new Set([401]));
    for (let time = 0; time < 5; time += 1) {
      expect((await call(app, browser, "shopping/orders")).status).toBe(401);
      const upload = openCall(app, browser, "shopping/uploads", { method: "POST", body: Buffer.alloc(100_000) });
      const refused = await upload.answer;
      expect(refused.statusCode).toBe(401);
      await bytesOf(refused);
    }
    expect((await refreshes()) - before).toBe(1);
    app.services.shopping.control.clearFaults();
    expect((await call(app, browser, "shopping/orders")).status).toBe(200);
    expect((await refreshes()) - before).toBe(1);
  });
});
