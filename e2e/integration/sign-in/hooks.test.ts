import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { chrome, Device, eventsOf, firefox, send, signInOn, userIdIn } from "../../support/accounts";
import { HttpBrowser } from "../../support/http-browser";
import { linkIdentity } from "../../support/linking";
import { shareTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
const instances: Record<string, RunningApp> = {};
beforeAll(async () => {
  app = await shareTestApp({ env: { TRUSTED_PROXY_HOPS: "1", ACCOUNT_DELETION_GRACE_DAYS: "0" } });
  for (const mode of ["tell", "throw", "hang"]) instances[mode] = await app.startSibling({ TEST_HOOKS: mode });
}, 120_000);
beforeEach(() => app.rows(`TRUNCATE "User" CASCADE`));
afterAll(() => app?.close());

/** A device whose requests an instance answers. */
function deviceAt(mode: string, userAgent = chrome, ip = "198.51.100.5"): Device {
  const device = new Device(userAgent, ip);
  const balanced = new HttpBrowser(({ origin }) => (origin === app.url ? (instances[mode]?.url ?? null) : null));
  device.request = (address, options = {}) =>
    balanced.request(address, {
      ...options,
      headers: { "User-Agent": userAgent, "X-Forwarded-For": ip, ...options.headers },
    });
  device.fetch = balanced.fetch.bind(balanced);
  device.submit = balanced.submit.bind(balanced);
  device.visit = balanced.visit.bind(balanced);
  return device;
}

/** What the hooks of an instance were told of a user, each as `hook event`. */
function told(mode: string, userId: string): [string, Record<string, unknown>][] {
  const lines = (instances[mode]?.output() ?? "").matchAll(/"(on[A-Z]\w+) (\{.*?\})"[,}]/g);
  return [...lines].flatMap(([, hook, text]) => {
    const event = JSON.parse(JSON.parse(`"${text}"`)) as Record<string, unknown>;
    return event.userId === userId ? [[hook as string, event] as [string, Record<string, unknown>]] : [];
  });
}

it("hooks hear who signed in, on which new device, what they linked, and that they are gone", async () => {
  const device = await signInOn(app, deviceAt("tell"), "minsu");
  const userId = await userIdIn(app, device);
  await signInOn(app, deviceAt("tell", firefox, "203.0.113.5"), "minsu");
  await linkIdentity(app, device);
  const base = instances.tell?.url ?? "";
  expect((await send(app, device, "delete", { confirm: "Delete " }, { base })).status).toBe(303);
  const names = () => told("tell", userId).map(([hook]) => hook);
  await expect.poll(names).toContain("onAccountDeleted");
  expect([...new Set(names())].sort()).toEqual([
    "onAccountDeleted",
    "onLinked",
    "onNewDevice",
    "onSignedIn",
    "onSignedOut",
  ]);
  const [first] = told("tell", userId);
  expect(first).toEqual([
    "onSignedIn",
    {
      at: expect.stringMatching(/Z$/),
      userId,
      requestId: expect.stringMatching(/^[\w-]{8,64}$/),
      provider: "company",
      issuer: app.issuers.company,
      session: expect.stringMatching(/^[\w-]{22}$/),
      first: true,
    },
  ]);
  expect(told("tell", userId).find(([hook]) => hook === "onNewDevice")?.[1]).toMatchObject({
    device: "Firefox, Linux",
  });
});

it("a token that was refreshed is told without the token", async () => {
  const device = await signInOn(app, deviceAt("tell"), "minsu");
  const userId = await userIdIn(app, device);
  const url = `${app.url}/api/tokens/refresh`;
  const headers = { "X-CSRF": "1", "Content-Type": "application/json" };
  const page = await device.fetch(url, { method: "POST", headers, body: "{}" });
  expect(page.status, page.body).toBe(200);
  await expect.poll(() => told("tell", userId).map(([hook]) => hook)).toContain("onTokenRefreshed");
  expect(told("tell", userId).find(([hook]) => hook === "onTokenRefreshed")?.[1]).toEqual({
    at: expect.anything(),
    userId,
    requestId: expect.anything(),
    provider: "company",
    resource: null,
    organization: null,
  });
});

it.each([
  ["throw", "onSignedIn is broken."],
  ["hang", "It did not end in time."],
])("hooks that %s break no sign-in, and are told once in the log", async (mode, cause) => {
  const device = await signInOn(app, deviceAt(mode), "eunji");
  const userId = await userIdIn(app, device);
  expect(await eventsOf(app, userId)).toEqual(["sign_in.succeeded"]);
  const failures = () => (instances[mode]?.output() ?? "").split("\n").filter((line) => line.includes('"hook.failed"'));
  await expect.poll(() => failures().length).toBe(1);
  expect(failures()[0]).toContain(cause);
  expect((await whoIs(app, device))?.user.id).toBe(userId);
});

const fault = (what: string) =>
  app.control.addFault("company", {
    endpoint: "token",
    fault: { kind: "id_token", setClaims: { "urn:test:hook": what } },
  });

it("what onSignIn adds goes with the session, and goes when that ends", async () => {
  await fault("claims");
  const browser = await signedIn(app);
  await app.control.clearFaults("company");
  const kept = () => app.rows(`SELECT "appClaims" FROM "Session"`);
  expect(await kept()).toEqual([{ appClaims: { tier: "gold", teams: ["마케팅", "ops"], nul: "a\ufffdb" } }]);
  const page = await browser.request(`${app.url}/sign-out`);
  await browser.submit(page, 'data-scope="device"');
  expect(await kept()).toEqual([{ appClaims: null }]);
});

it("2 KB of claims let nobody in, and nothing is written", async () => {
  await fault("too many claims");
  const page = await signIn(app, new HttpBrowser());
  await app.control.clearFaults("company");
  expect(new URL(page.location ?? "").searchParams.get("code")).toBe("internal_error");
  expect(await app.rows(`SELECT 1 FROM "User"`)).toEqual([]);
});
