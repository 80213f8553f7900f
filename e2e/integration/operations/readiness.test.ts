import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { startApp } from "../../../dev/run/app";
import { expectLogged } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, type TestApp } from "../../support/test-app";

let app: TestApp;
let isCut = false;
beforeAll(async () => {
  app = await openTestApp();
});
afterEach(async () => {
  if (isCut) await app.database.mend();
  isCut = false;
  await app.control.clearFaults("company");
  // What was learned about the providers is believed for ten seconds.
  await expect.poll(readiness, { interval: 500 }).toEqual([200, { status: "ready" }]);
});
afterAll(() => app.close());

async function readiness(): Promise<[number, unknown]> {
  const answered = await new HttpBrowser().fetch(`${app.url}/readyz`);
  return [answered.status, JSON.parse(answered.body)];
}

async function liveness(): Promise<[number, unknown]> {
  const answered = await new HttpBrowser().fetch(`${app.url}/healthz`);
  return [answered.status, JSON.parse(answered.body)];
}

const alive = [200, { status: "ok" }];

describe("what machines ask", () => {
  it("OU-06: with everything there an instance is alive and ready, and says nothing else", async () => {
    expect(await liveness()).toEqual(alive);
    expect(await readiness()).toEqual([200, { status: "ready" }]);
    for (const path of ["/healthz", "/readyz"]) {
      const answered = await new HttpBrowser().fetch(app.url + path);
      expect(answered.headers.get("cache-control")).toBe("no-store");
      expect([...answered.headers.keys()].join()).not.toMatch(/powered|server/i);
    }
  });

  it("OU-06: without its database an instance is alive, not ready, and says when to ask again", async () => {
    await app.database.cut();
    isCut = true;
    const startedAt = Date.now();
    const answered = await new HttpBrowser().fetch(`${app.url}/readyz`);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect([answered.status, JSON.parse(answered.body)]).toEqual([503, { status: "not_ready" }]);
    expect(answered.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await liveness()).toEqual(alive);
  });

  it.each([
    ["hangs", { kind: "hang" }],
    ["is somebody else", { kind: "json", set: { issuer: "https://evil.test" } }],
  ] as const)(
    "OU-06: with a provider that %s an instance is alive, and ready for whoever is signed in",
    async (_what, fault) => {
      await app.control.addFault("company", { endpoint: "discovery", times: null, fault });
      const startedAt = Date.now();
      await expect.poll(readiness, { interval: 500 }).toEqual([200, { status: "degraded" }]);
      expect(Date.now() - startedAt).toBeLessThan(15_000);
      const askedAt = Date.now();
      await readiness();
      expect(Date.now() - askedAt).toBeLessThan(5_000);
      expect(await liveness()).toEqual(alive);
      await expectLogged(app.instance, /"event":"provider.not_reached",.*"provider":"company"/);
    },
  );

  it("OU-06: however often strangers ask, a provider is asked once in ten seconds", async () => {
    await app.control.clearJournal("company");
    const startedAt = Date.now();
    const answers = await Promise.all(Array.from({ length: 100 }, readiness));
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([200]));
    const rounds = 1 + Math.ceil((Date.now() - startedAt) / 10_000);
    const asked = await app.control.journal("company", { endpoint: "discovery" });
    expect(asked.length).toBeLessThanOrEqual(rounds);
  });

  it("OU-06: an instance that starts answers nothing, or the truth", async () => {
    const port = await findFreePort();
    const env = { ...app.environment, PORT: String(port) };
    const instance = await startApp({ env, port, waitUntilReady: false });
    try {
      const seen: unknown[] = [];
      const ask = async () => {
        try {
          const answered = await new HttpBrowser().fetch(`http://localhost:${port}/readyz`);
          seen.push([answered.status, answered.body]);
        } catch (error) {
          seen.push((error as NodeJS.ErrnoException).code);
        }
        return seen.at(-1);
      };
      const ready = [200, '{"status":"ready"}'];
      await expect.poll(ask, { interval: 20 }).toEqual(ready);
      const others = seen.filter((answer) => JSON.stringify(answer) !== JSON.stringify(ready));
      expect(new Set(others)).toEqual(new Set(["ECONNREFUSED"]));
    } finally {
      await instance.stop();
    }
  });
});
