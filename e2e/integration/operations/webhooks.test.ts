import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { chrome, cronSecret, Device, placesOf, send, signInOn, userIdIn } from "../../support/accounts";
import { askDoctor } from "../../support/doctor";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { linkIdentity } from "../../support/linking";
import { openTestApp, signedIn, signIn, type TestApp } from "../../support/test-app";
import { type Behaviour, openWebhookReceiver, type WebhookReceiver } from "../../support/webhook-receiver";

let receiver: WebhookReceiver;
let app: TestApp;
beforeAll(async () => {
  receiver = await openWebhookReceiver();
  const { url, secret } = receiver;
  const env = { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, CRON_SECRET: cronSecret, OUTBOUND_TIMEOUT_MS: "1000" };
  app = await openTestApp({ env: { ...env, ACCOUNT_DELETION_GRACE_DAYS: "0", TRUSTED_PROXY_HOPS: "1" } });
}, 120_000);
beforeEach(async () => {
  await receiver.back();
  receiver.behave("ok");
  await app.rows(`TRUNCATE "WebhookMessage", "User" CASCADE`);
  receiver.received.length = 0;
});
afterAll(async () => {
  await app?.close();
  await receiver?.close();
});

const types = () => receiver.received.map(({ payload }) => payload.type);
const ids = () => receiver.received.map(({ id }) => id);
interface Row {
  id: string;
  event: string;
  attempts: number;
  waits: boolean;
  isDelivered: boolean;
  lastFailure: string | null;
}
const messages = () =>
  app.rows<Row>(
    `SELECT 'msg_' || id AS id, event, attempts, "nextAttemptAt" IS NOT NULL AS waits,
       "deliveredAt" IS NOT NULL AS "isDelivered", "lastFailure" FROM "WebhookMessage" ORDER BY at, event`,
  );
const sweep = async (base = app.url) => {
  const page = await new HttpBrowser().fetch(`${base}/api/cron/sweep`, {
    headers: { authorization: `Bearer ${cronSecret}` },
  });
  expect(page.status, page.body).toBe(200);
  return JSON.parse(page.body) as { webhooks: number };
};
/** So much time passes, as far as the database's rows can tell. */
const pass = (minutes: number) =>
  app.rows(`UPDATE "WebhookMessage" SET "nextAttemptAt" = "nextAttemptAt" - $1 * interval '1 minute'`, [minutes]);
/** Waits until whatever is under way has been written down as failed. */
const failed = (count: number) =>
  expect.poll(async () => (await messages()).filter(({ lastFailure }) => lastFailure !== null).length).toBe(count);
const putMessages = (count: number) =>
  app.rows(
    `INSERT INTO "WebhookMessage" (id, event, data, at, "expiresAt")
     SELECT gen_random_uuid(), 'sign_out', '{}', now(), now() + interval '1 day' FROM generate_series(1, $1)`,
    [count],
  );
/** Browsers of an instance, whoever else is behind the address. */
const at = (instance: RunningApp) => new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));

async function runWebhooks(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...app.environment, NODE_ENV: "production" as const };
  try {
    const run = promisify(execFile)("npm", ["run", "--silent", "webhooks", "--", ...args], { cwd: root, env });
    const { stdout, stderr } = await run;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe("what a receiver is told", () => {
  it("is who signed in, linked and signed out, at once, signed, and nothing that a provider said of them", async () => {
    const browser = await signedIn(app);
    const userId = await userIdIn(app, browser);
    await linkIdentity(app, browser);
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.submit(page, 'data-scope="device"');
    await expect.poll(types).toEqual(["sign_in.succeeded", "account.linked", "sign_out"]);
    const data = receiver.received.map(({ payload }) => payload.data);
    const session = expect.stringMatching(/^[\w-]{22}$/);
    expect(data).toEqual([
      { userId, provider: "company", session, first: true },
      { userId, provider: "partner", session },
      { userId, provider: "company", session, scope: "device", count: 1 },
    ]);
    for (const { headers, body } of receiver.received) {
      expect(headers).toMatchObject({
        "content-type": "application/json",
        "webhook-id": expect.stringMatching(/^msg_/),
      });
      expect(body).not.toMatch(/minsu|seoyeon|eyJ/);
    }
    expect(new Set(ids()).size).toBe(3);
    await expect.poll(async () => (await messages()).filter(({ isDelivered }) => isDelivered).length).toBe(3);
  });

  it("is nothing of a sign-in that failed", async () => {
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "respond", status: 500 } });
    await signIn(app, new HttpBrowser());
    await app.control.clearFaults("company");
    await signedIn(app);
    await expect.poll(types).toEqual(["sign_in.succeeded"]);
    expect(await messages()).toHaveLength(1);
  });
});

describe("a receiver that misbehaves", () => {
  it.each<[Behaviour, string]>([
    ["error", "http_500"],
    ["redirect", "http_307"],
    ["hang", "timeout"],
    ["endless error", "http_500"],
  ])("%s: keeps nobody from signing in, and is told later, under the same id", async (how, failure) => {
    receiver.behave(how);
    await signedIn(app);
    await expect.poll(messages).toMatchObject([{ attempts: 1, waits: true, lastFailure: failure }]);
    expect(receiver.endlessAnswers()).toBe(0);
    receiver.behave("ok");
    await pass(1);
    await sweep();
    // The app's own timer may have been faster than the clean-up.
    await expect.poll(messages).toMatchObject([{ attempts: 2, waits: false, isDelivered: true, lastFailure: null }]);
    expect(ids()).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
    const [first, second] = receiver.received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(second).toBeGreaterThanOrEqual(first as number);
  });

  it("that says yes without end has heard it, and is listened to no longer", async () => {
    receiver.behave("endless");
    await signedIn(app);
    await expect.poll(messages).toMatchObject([{ attempts: 1, isDelivered: true }]);
    await expect.poll(() => receiver.endlessAnswers()).toBe(0);
  });

  it("that is down for an hour hears everything that happened meanwhile, once", async () => {
    await receiver.leave();
    for (const user of ["minsu", "eunji", "maximilian"]) await signIn(app, new HttpBrowser(), { user });
    expect(await messages()).toMatchObject([{ waits: true }, { waits: true }, { waits: true }]);
    for (let tenMinutes = 0; tenMinutes < 6; tenMinutes += 1) {
      await pass(10);
      expect(await sweep()).toMatchObject({ webhooks: 0 });
    }
    await receiver.back();
    await pass(60);
    await sweep();
    await expect.poll(() => receiver.received.length).toBe(3);
    expect(types()).toEqual(Array(3).fill("sign_in.succeeded"));
    expect(new Set(ids()).size).toBe(3);
    const heard = { isDelivered: true };
    await expect.poll(messages).toMatchObject([heard, heard, heard]);
  });

  it("is spared: while it is away, a crowd of messages costs one attempt each time", async () => {
    await receiver.leave();
    await putMessages(20);
    await sweep();
    expect((await messages()).filter(({ attempts }) => attempts > 0)).toHaveLength(1);
  });

  it("that refuses for three days is given up, which the audit trail says; a command has it told after all", {
    timeout: 120_000,
  }, async () => {
    receiver.behave("error");
    await putMessages(1);
    await app.rows(`UPDATE "WebhookMessage" SET attempts = 12`);
    await sweep();
    const [message] = await messages();
    expect(message).toMatchObject({ attempts: 13, waits: false, isDelivered: false, lastFailure: "http_500" });
    expect(await lastAudit(app, "webhook.failed")).toMatchObject({
      outcome: "failure",
      reason: "upstream_unavailable",
      userId: null,
      detail: { message: message?.id, webhook: "sign_out", attempts: 13, cause: "http_500" },
    });
    await sweep();
    expect(receiver.received).toHaveLength(1);

    const listed = await runWebhooks("list", "failed");
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining("Waiting: 0. Failed: 1.") });
    expect(listed.out).toContain(`${message?.id}  sign_out`);
    receiver.behave("ok");
    expect(await runWebhooks("replay", "failed")).toMatchObject({
      code: 0,
      out: expect.stringContaining("To be sent again: 1."),
    });
    await expect.poll(() => receiver.received.length).toBe(2);
    expect(ids()).toEqual([message?.id, message?.id]);
    expect(await runWebhooks("replay", message?.id ?? "")).toMatchObject({ code: 0 });
    await expect.poll(() => receiver.received.length).toBe(3);
    expect(await runWebhooks("replay", "everything")).toMatchObject({ code: 1, err: expect.stringContaining("Usage") });
    expect(JSON.parse((await runWebhooks("list", "delivered", "--json")).out)).toMatchObject({
      counts: { waiting: 0, failed: 0, delivered: 1 },
      messages: [{ id: message?.id, state: "delivered" }],
    });
  });
});

describe("instances", () => {
  it("one that is killed between commit and delivery leaves both to the next, which tells duplicates by their id", {
    timeout: 120_000,
  }, async () => {
    const doomed = await app.startSibling();
    receiver.behave("hang");
    await signIn(app, at(doomed), { user: "minsu" });
    await expect.poll(() => receiver.received.length).toBe(1);
    // While the first is under way, nobody has begun to send this one.
    await signIn(app, at(doomed), { user: "eunji" });
    process.kill(-doomed.pid, "SIGKILL");
    await doomed.exit;
    receiver.behave("ok");
    await pass(5);
    const next = await app.startSibling();
    await expect.poll(async () => (await messages()).filter(({ isDelivered }) => isDelivered).length).toBe(2);
    await next.stop();
    const sent = await messages();
    expect(new Set(ids())).toEqual(new Set(sent.map(({ id }) => id)));
    expect(ids().filter((id) => id === receiver.received[0]?.id).length).toBe(2);
  });

  it("two that deliver at the same time send each message once", async () => {
    const other = await app.startSibling();
    await putMessages(60);
    const heard = async () => (await messages()).filter(({ isDelivered }) => isDelivered).length;
    while ((await heard()) < 60) await Promise.all([sweep(), sweep(other.url)]);
    await other.stop();
    expect(receiver.received).toHaveLength(60);
    expect(new Set(ids()).size).toBe(60);
    expect((await messages()).filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });
});

describe("a user who is deleted", () => {
  it("leaves no message but the one that says so, and none once that was heard", async () => {
    await receiver.leave();
    const device = await signInOn(app, new Device(chrome, "198.51.100.77"), "minsu");
    const id = await userIdIn(app, device);
    expect((await messages()).map(({ event }) => event)).toEqual(["sign_in.succeeded"]);
    expect((await send(app, device, "delete", { confirm: "Delete " })).status).toBe(303);
    expect((await messages()).map(({ event }) => event)).toEqual(["account.deleted"]);
    expect(await placesOf(app, [id])).toEqual([`WebhookMessage: ${id}`]);
    await failed(1);
    await receiver.back();
    await pass(60);
    await sweep();
    await expect.poll(messages).toEqual([]);
    expect(receiver.received.map(({ payload }) => [payload.type, payload.data])).toEqual([
      ["account.deleted", { userId: id }],
    ]);
    expect(await placesOf(app, [id])).toEqual([]);
  });
});

it("messages go a week after they were heard, and after thirty days unheard", async () => {
  await putMessages(3);
  await sweep();
  await expect.poll(async () => (await messages()).filter(({ isDelivered }) => isDelivered).length).toBe(3);
  await app.rows(`UPDATE "WebhookMessage" SET "expiresAt" = "expiresAt" - interval '8 days'`);
  await sweep();
  expect(await messages()).toEqual([]);
});

describe("the doctor", () => {
  const codes = async () => {
    const { report } = await askDoctor(app.environment);
    return report.findings.filter(({ check }) => check === "operations.webhooks").map(({ code }) => code);
  };

  it("says that webhooks arrive, or that a receiver fails, that nobody sends, and what was given up", async () => {
    expect(await codes()).toEqual(["webhooksSent"]);
    await putMessages(3);
    // Due in an hour, so that no process takes them meanwhile.
    const set = (which: string, values: string) =>
      app.rows(
        `UPDATE "WebhookMessage" SET ${values} WHERE id = (SELECT id FROM "WebhookMessage" WHERE ${which} LIMIT 1)`,
      );
    await app.rows(`UPDATE "WebhookMessage" SET "nextAttemptAt" = now() + interval '1 hour'`);
    await set(`attempts = 0`, `attempts = 2, "lastFailure" = 'http_500'`);
    // Once or twice is nothing: receivers are restarted.
    expect(await codes()).toEqual(["webhooksSent"]);
    await set(`attempts = 2`, `attempts = 3`);
    await set(`attempts = 0`, `attempts = 13, "nextAttemptAt" = NULL, "lastFailure" = 'timeout'`);
    expect(await codes()).toEqual(["webhooksFailing", "webhooksGivenUp"]);
    const { report } = await askDoctor(app.environment);
    const failing = report.findings.find(({ code }) => code === "webhooksFailing");
    expect([failing?.verdict, failing?.said.includes("http_500"), report.verdict]).toEqual(["fault", true, "fault"]);
    receiver.behave("hang");
    await app.rows(`DELETE FROM "WebhookMessage"`);
    await putMessages(1);
    await app.rows(`UPDATE "WebhookMessage" SET "nextAttemptAt" = now() - interval '16 minutes'`);
    expect(await codes()).toEqual(["webhooksUnsent"]);
  }, 180_000);
});
