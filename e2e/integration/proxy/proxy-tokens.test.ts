import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser } from "../../support/http-browser";
import { call, errorOf, openCall, own, received } from "../../support/proxied";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
  sibling = await app.startSibling();
});
afterEach(async () => {
  for (const { control } of Object.values(app.services)) await control.reset();
  await app.control.clearFaults("company");
  await app.control.resetUsers("company");
});
afterAll(() => app.close());

const shopping = () => app.services.shopping.control;
const store = () => app.services.store.control;
const tokensSeen = () =>
  shopping()
    .journal()
    .flatMap((request) => received(request, "authorization"));
const counters = () => app.control.counters("company");
const expire = () => app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
const askStore = (browser: HttpBrowser, organization?: string, options = {}) =>
  call(app, browser, "store/inventory", {
    ...options,
    headers: { ...(organization && { "X-Organization": organization }) },
  });

/** Somebody whose token for orders has been used, and has run out since. */
async function withExpiredToken(user: string) {
  const browser = await signedIn(app, { user });
  expect((await call(app, browser, "shopping/orders")).status).toBe(200);
  const [old] = tokensSeen();
  shopping().clearJournal();
  await expire();
  return { browser, old, before: await counters() };
}

describe("a token that has run out", () => {
  it("RF-01: a token that has run out is replaced unnoticed by one refresh for the right resource, and the service sees only the new one", async () => {
    const { browser, old, before } = await withExpiredToken("minsu");
    await app.control.clearJournal("company");
    expect((await call(app, browser, "shopping/orders")).status).toBe(200);
    const asked = await app.control.journal("company", { endpoint: "token" });
    expect(asked.map(({ form }) => form)).toEqual([
      expect.objectContaining({ grant_type: "refresh_token", resource: "https://shopping.example/api" }),
    ]);
    expect(tokensSeen()).toEqual([expect.not.stringContaining(old ?? "")]);
    expect((await counters()).reuseAlarms).toBe(before.reuseAlarms);
  });

  it("RF-02: a token that has run out is replaced once for 20 calls at the same time", async () => {
    const { browser, old, before } = await withExpiredToken("haneul");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "delay", delayMs: 300 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(app, browser, "shopping/orders")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const after = await counters();
    expect([after.refreshes - before.refreshes, after.reuseAlarms]).toEqual([1, before.reuseAlarms]);
    expect(new Set(tokensSeen()).size).toBe(1);
    expect(tokensSeen()).not.toContain(old);
  });

  it("RF-03: a token that has run out is replaced once for 20 calls on two instances", async () => {
    const { browser, old, before } = await withExpiredToken("haneul");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "delay", delayMs: 300 } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        browser.fetch(`${at % 2 === 0 ? app.url : sibling.url}/api/services/shopping/orders`, { headers: own }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const after = await counters();
    expect([after.refreshes - before.refreshes, after.reuseAlarms]).toEqual([1, before.reuseAlarms]);
    expect(new Set(tokensSeen()).size).toBe(1);
    expect(tokensSeen()).not.toContain(old);
  });

  it("OU-04: a token that has run out costs calls while the provider is away, and nobody the session", async () => {
    const { browser } = await withExpiredToken("minsu");
    for (const [fault, expected] of [
      [{ kind: "reset" }, [503, "provider_unavailable"]],
      [{ kind: "hang" }, [504, "provider_timeout"]],
    ] as const) {
      await app.control.addFault("company", { endpoint: "token", times: null, fault });
      await app.rows(`UPDATE "Grant" SET "retryAt" = NULL`);
      const answered = await call(app, browser, "shopping/orders");
      expect(errorOf(answered)).toEqual(expected);
      expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
      await app.control.clearFaults("company");
    }
    expect(shopping().journal()).toEqual([]);
    await app.rows(`UPDATE "Grant" SET "retryAt" = NULL`);
    expect((await call(app, browser, "shopping/orders")).status).toBe(200);
  });

  it("RF-04: a grant that the provider no longer honours ends with another sign-in, and it is not asked again", async () => {
    const { browser } = await withExpiredToken("jiwoo");
    await app.control.clearJournal("company");
    const fault = { kind: "respond", status: 400, json: { error: "invalid_grant" } } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    expect(errorOf(await call(app, browser, "shopping/orders"))).toEqual([401, "reauthentication_required"]);
    for (let time = 0; time < 4; time += 1) {
      expect(errorOf(await call(app, browser, "shopping/orders"))).toEqual([401, "signed_out_by_provider"]);
    }
    expect(await app.control.journal("company", { endpoint: "token" })).toHaveLength(1);
    expect(shopping().journal()).toEqual([]);
  });
});

describe("a token that a service refuses", () => {
  it("is replaced, and the call made once more, if it has no body", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await call(app, browser, "shopping/orders");
    for (const [method, path, status] of [
      ["GET", "orders", 200],
      ["DELETE", "orders/x", 404],
      ["POST", "uploads", 200],
    ] as const) {
      shopping().clearJournal();
      shopping().addFault({ fault: { kind: "unauthorized" } });
      expect((await call(app, browser, `shopping/${path}`, { method })).status).toBe(status);
      const [first, second, ...more] = tokensSeen();
      expect([
        shopping()
          .journal()
          .map((request) => request.status),
        more,
      ]).toEqual([[401, status], []]);
      expect(second).not.toBe(first);
    }
  });

  it("is replaced for the next call, if it has one; a call is not made again from half of it", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const upload = () =>
      openCall(app, browser, "shopping/uploads", { method: "POST", body: Buffer.alloc(100_000) }).answer;
    (await upload()).resume();
    shopping().clearJournal();
    shopping().addFault({ fault: { kind: "unauthorized" } });
    const refused = await upload();
    expect(refused.statusCode).toBe(401);
    refused.resume();
    expect(shopping().journal()).toHaveLength(1);
    const taken = await upload();
    expect(taken.statusCode).toBe(200);
    taken.resume();
    const [first, second] = tokensSeen();
    expect(second).not.toBe(first);
  });

  it("is refused for good the second time", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    shopping().addFault({ fault: { kind: "unauthorized" }, times: null });
    const answered = await call(app, browser, "shopping/orders");
    expect([answered.status, JSON.parse(answered.body).error]).toEqual([401, "invalid_token"]);
    expect(shopping().journal()).toHaveLength(2);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul" });
  });
});

describe("a token of somebody, for something", () => {
  it("PX-08: a token goes to its own API alone, and each organization's calls have their own", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await call(app, browser, "shopping/orders");
    for (const organization of ["org_hanok", "org_maru", "org_hanok"]) {
      const answered = await askStore(browser, organization);
      expect([answered.status, JSON.parse(answered.body).organization]).toEqual([200, organization]);
    }
    const seen = store()
      .journal()
      .flatMap((request) => received(request, "authorization"));
    expect(seen[2]).toBe(seen[0]);
    expect(new Set(seen).size).toBe(2);
    expect(tokensSeen().some((token) => seen.includes(token))).toBe(false);
    // The services would have said so: neither takes the other's.
    const crossed = await fetch(`${app.services.store.url}/inventory`, {
      headers: { Authorization: tokensSeen()[0] ?? "" },
    });
    expect(crossed.status).toBe(401);
  });

  it("PX-08: nobody outside an organization gets its token, and the provider is not asked", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    // Who belongs to two, and has chosen none.
    const other = await signedIn(app, { user: "haneul" });
    await app.control.clearJournal("company");
    for (const organization of ["org_maru", "org_dari", "../org_maru", "org_hanok,org_maru", "x".repeat(500)]) {
      const answered = await askStore(browser, organization);
      expect([organization.slice(0, 30), ...errorOf(answered)]).toEqual([organization.slice(0, 30), 403, "forbidden"]);
      expect(await lastAudit(app, "authorization.denied")).toMatchObject({
        reason: "forbidden",
        requestId: answered.headers.get("x-request-id"),
        detail: { path: "/api/services/store/inventory" },
      });
    }
    expect(errorOf(await askStore(other))).toEqual([400, "unknown_organization"]);
    expect(errorOf(await askStore(other, ""))).toEqual([400, "unknown_organization"]);
    const twice = openCall(app, browser, "store/inventory", {
      headers: ["X-Organization", "org_hanok", "X-Organization", "org_maru"],
    });
    expect((await twice.answer).statusCode).toBe(403);
    expect(store().journal()).toEqual([]);
    expect(await app.control.journal("company", { endpoint: "token" })).toEqual([]);
  });

  it.each(["GET", "POST"])(
    "PX-08: an organization's token is dropped at the next call (%s) of somebody whom the provider took out of the organization",
    async (method) => {
      const browser = await signedIn(app, { user: "haneul" });
      const body = method === "POST" ? { body: '{"item":"Pine beam","quantity":1}' } : {};
      const ask = (organization: string) => askStore(browser, organization, { method, ...body });
      store().setMembershipCheck(true);
      expect((await ask("org_hanok")).status).toBeLessThan(300);
      await app.control.changeUser("company", "haneul", {
        organizations: [{ id: "org_maru", name: "Maru", roles: [] }],
      });
      store().clearJournal();
      const refused = await ask("org_hanok");
      expect(errorOf(refused)).toEqual([403, "forbidden"]);
      expect(await lastAudit(app, "authorization.denied")).toMatchObject({
        requestId: refused.headers.get("x-request-id"),
      });
      expect(
        store()
          .journal()
          .map(({ status }) => status),
      ).toEqual([401]);
      const kept = await app.rows(
        `SELECT organization FROM "AccessToken" JOIN "Grant" ON "Grant".id = "grantId" WHERE organization = 'org_hanok'
          AND "sessionId" = (SELECT id FROM "Session" WHERE subject = 'haneul' ORDER BY "createdAt" DESC LIMIT 1)`,
      );
      expect(kept).toEqual([]);
      // Not even to a service that would still believe it.
      store().setMembershipCheck(false);
      store().clearJournal();
      expect(errorOf(await ask("org_hanok"))).toEqual([403, "forbidden"]);
      expect(store().journal()).toEqual([]);
      await app.rows(
        `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'haneul'`,
      );
    },
  );
});
