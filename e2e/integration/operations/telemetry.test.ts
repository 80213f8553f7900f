import { afterAll, beforeAll, expect, it } from "vitest";
import { type Collector, openCollector } from "../../support/collector";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { meetProvider, openTestApp, startSignIn, type TestApp, whoIs } from "../../support/test-app";
import { expireTokens } from "../../support/token-app";
import { openWebhookReceiver, type WebhookReceiver } from "../../support/webhook-receiver";

let app: TestApp;
let collector: Collector;
let receiver: WebhookReceiver;
/** What must never leave: by name, so that a failure shows none of it. */
let mustStay: Record<string, string>;

beforeAll(async () => {
  collector = await openCollector();
  receiver = await openWebhookReceiver();
  app = await openTestApp({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: "gate-of-the-tests",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_METRIC_EXPORT_INTERVAL: "300",
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: receiver.secret,
    },
  });
  const browser = new HttpBrowser();
  const returnTo = "/account/a-private-path?q=a-private-query";
  const started = await startSignIn(app, browser, { returnTo });
  const back = await meetProvider(app, browser, started, "haneul");
  expect((await browser.request(back.location ?? "")).status).toBe(303);
  for (const _ of [1, 2]) {
    const path = "/api/services/shopping/orders?page=a-private-page";
    expect((await browser.fetch(app.url + path, { headers: own })).status).toBe(200);
    await expireTokens(app);
  }
  expect((await browser.visit(`${app.url}/account`)).status).toBe(200);
  const answer = new URL(back.location ?? "").searchParams;
  const { user } = (await whoIs(app, browser)) ?? { user: { id: "?" } };
  mustStay = {
    code: answer.get("code") ?? "?",
    state: answer.get("state") ?? "?",
    "user id": user.id,
    address: "haneul@",
    name: "김하늘",
    "return path": "a-private-path",
    query: "a-private-query",
    "service's query": "a-private-page",
    cookie: browser.cookieHeader(app.url).split("=").at(1)?.slice(0, 30) ?? "?",
  };
});
afterAll(async () => {
  await app?.close();
  await receiver?.close();
  await collector?.close();
});

it.each([
  ["the gate", "daemun.gate"],
  ["the check of a session", "daemun.session.check"],
  ["a sign-in", "daemun.sign_in"],
  ["a refresh", "daemun.token.refresh"],
  ["a call of a provider", "daemun.outbound"],
  ["a call of a service", "daemun.service.call"],
  ["the app by the name that its operator gave it", "gate-of-the-tests"],
])("a collector that the standard variables name is told of %s", async (_what, name) => {
  await expect.poll(() => collector.received("traces").includes(name)).toBe(true);
});

it.each([
  ["sign-ins by outcome", "sign_in.succeeded"],
  ["refreshes", "token.refreshed"],
  ["sessions that live", "daemun.sessions.active"],
  ["what the database is asked", "daemun.database.calls"],
  ["hooks by outcome", "daemun.hook.calls"],
  ["webhooks by outcome", "daemun.webhook.attempts"],
  ["webhooks that wait", "daemun.webhooks.waiting"],
])("and counts %s", async (_what, name) => {
  await expect.poll(() => collector.received("metrics").includes(name)).toBe(true);
});

it("nothing that names a user or opens anything leaves the app with it", async () => {
  await expect.poll(() => collector.received("traces")).toContain("daemun.service.call");
  const sent = collector.received("traces") + collector.received("metrics");
  const leaked = Object.entries(mustStay).filter(([, value]) => sent.includes(value));
  expect(leaked.map(([what]) => what)).toEqual([]);
});

it("what the gate says to Node alone is on no answer: of a page, a redirect, a refusal or a file", async () => {
  const stranger = new HttpBrowser();
  const answers = [
    await stranger.request(`${app.url}/`),
    await stranger.request(`${app.url}/account`),
    await stranger.fetch(`${app.url}/account`),
    await stranger.request(`${app.url}/icon.svg`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 307, 401, 200]);
  for (const { headers } of answers) expect(headers.get("x-daemun-gate")).toBeNull();
});

it("every line of the log is JSON, with the trace that it belongs to and the details of an audit row as an object", async () => {
  const lines = () =>
    app.instance
      .output()
      .split("\n")
      .filter((line) => line.includes('"sign_in.succeeded"'));
  await expect.poll(lines).toHaveLength(1);
  expect(JSON.parse(lines()[0] ?? "")).toMatchObject({
    event: "sign_in.succeeded",
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    detail: expect.any(Object),
  });
  // Next's own words at its start come before anything of the app is loaded.
  const others = app.instance
    .output()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("{") && !/^(?:▲|✓|- (?:Local|Network))/.test(line));
  expect(others).toEqual([]);
});
