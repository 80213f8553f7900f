import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chrome, Device, eventsOf, firefox, send, shareAccountsApp, signInOn, userIdIn } from "../../support/accounts";
import { tokenOfForms } from "../../support/connecting";
import type { HttpBrowser } from "../../support/http-browser";
import { type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareAccountsApp();
});
afterAll(() => app.close());

/** Somebody of their own, so that no other test is among their devices. */
async function newUser(): Promise<string> {
  const sub = `active-${crypto.randomUUID().slice(0, 8)}`;
  await app.control.putUser("company", { sub, login: sub, name: `Active ${sub}` });
  return sub;
}

const open = async (browser: HttpBrowser, path = "/account/activity") => (await browser.request(app.url + path)).body;
const hasNotice = async (browser: HttpBrowser) => (await open(browser, "/account")).includes("data-notice");

describe("a new device", () => {
  it("is in the trail and told on every device of its user, until each dismisses it, and nobody else is told", async () => {
    const sub = await newUser();
    const laptop = await signInOn(app, new Device(chrome, "198.51.100.7"), sub);
    const stranger = await signInOn(app, new Device(chrome, "198.51.100.8"), "jiwoo");
    const id = await userIdIn(app, laptop);
    expect(await hasNotice(laptop)).toBe(false);

    const phone = await signInOn(app, new Device(firefox, "203.0.113.9"), sub);
    expect(await eventsOf(app, id)).toContain("session.new_device");
    expect([await hasNotice(laptop), await hasNotice(phone), await hasNotice(stranger)]).toEqual([true, true, false]);
    expect(await open(laptop, "/account")).toContain("Firefox, Linux");

    // Who dismisses it may be the stranger: that is no reason not to tell the owner.
    const dismissed = await send(app, phone, "notices/dismiss", { returnTo: "/account/sessions?a=1" });
    expect(dismissed.location).toBe(`${app.url}/account/sessions?a=1`);
    expect([await hasNotice(laptop), await hasNotice(phone)]).toEqual([true, false]);
    await send(app, laptop, "notices/dismiss");
    expect(await hasNotice(laptop)).toBe(false);
  });

  it("is told after the next sign-in on a device that was signed out meanwhile", async () => {
    const sub = await newUser();
    const laptop = await signInOn(app, new Device(chrome, "198.51.100.10"), sub);
    const csrfToken = await tokenOfForms(app, laptop);
    await laptop.request(`${app.url}/api/auth/signout`, { method: "POST", form: { csrfToken } });
    await signInOn(app, new Device(firefox, "203.0.113.10"), sub);
    await signInOn(app, laptop, sub);
    expect(await hasNotice(laptop)).toBe(true);
    await send(app, laptop, "notices/dismiss");
    await signInOn(app, laptop, sub);
    expect(await hasNotice(laptop)).toBe(false);
  });

  it("is none that its cookie names, wherever it is, nor a private window of the same browser in the same network", async () => {
    const sub = await newUser();
    const laptop = await signInOn(app, new Device(chrome, "198.51.100.11"), sub);
    const id = await userIdIn(app, laptop);
    await signInOn(app, new Device(chrome, "198.51.100.99"), sub);
    const travelling = new Device(firefox, "192.0.2.5");
    for (const name of laptop.cookieNames(app.url).filter((name) => name.includes("device")))
      travelling.setCookie(app.url, name, laptop.cookie(app.url, name) ?? "");
    await signInOn(app, travelling, sub);
    expect(await eventsOf(app, id)).not.toContain("session.new_device");
    await signInOn(app, new Device(chrome, "192.0.2.200"), sub);
    expect(await eventsOf(app, id)).toContain("session.new_device");
  });

  it("is kept as nothing that names the browser: two users of one have two different rows", async () => {
    const [one, other] = [await newUser(), await newUser()];
    const shared = await signInOn(app, new Device(chrome, "198.51.100.12"), one);
    const first = await userIdIn(app, shared);
    await app.control.reset("company");
    await app.control.putUser("company", { sub: other, login: other, name: other });
    const second = new Device(chrome, "198.51.100.12");
    for (const name of shared.cookieNames(app.url).filter((name) => name.includes("device")))
      second.setCookie(app.url, name, shared.cookie(app.url, name) ?? "");
    await signInOn(app, second, other);
    const rows = await app.rows<{ tokenHash: string }>(`SELECT "tokenHash" FROM "Device" WHERE "userId" IN ($1, $2)`, [
      first,
      await userIdIn(app, second),
    ]);
    expect(new Set(rows.map(({ tokenHash }) => tokenHash)).size).toBe(2);
    const cookie = shared.cookieNames(app.url).find((name) => name.includes("device")) ?? "";
    for (const { tokenHash } of rows) expect(tokenHash).not.toContain(shared.cookie(app.url, cookie));
  });

  it("does not grow without end: the oldest of fifty are forgotten", async () => {
    const sub = await newUser();
    const laptop = await signInOn(app, new Device(chrome, "198.51.100.13"), sub);
    const id = await userIdIn(app, laptop);
    await app.rows(
      `INSERT INTO "Device" (id, "userId", "tokenHash", name, network, "lastSeenAt")
       SELECT gen_random_uuid(), $1, 'h' || n, 'Old, Device', 'nowhere', now() - interval '30 days' FROM generate_series(1, 80) n`,
      [id],
    );
    await signInOn(app, laptop, sub);
    const [row] = await app.rows<{ count: number }>(`SELECT count(*)::int FROM "Device" WHERE "userId" = $1`, [id]);
    expect(row?.count).toBe(50);
    expect(await app.rows(`SELECT 1 FROM "Device" WHERE "userId" = $1 AND name LIKE 'Chrome%'`, [id])).toHaveLength(1);
  });
});

describe("what happened in an account", () => {
  it("is shown to its user alone, page by page, without a row twice or left out", async () => {
    const sub = await newUser();
    const browser = await signInOn(app, new Device(chrome, "198.51.100.14"), sub);
    const id = await userIdIn(app, browser);
    const stranger = await signInOn(app, new Device(firefox, "203.0.113.14"), "eunji");
    const strangerId = await userIdIn(app, stranger);
    // Many of one moment, as a sweep writes them.
    await app.rows(
      `INSERT INTO "AuditEvent" (at, event, outcome, "userId", detail)
       SELECT date_trunc('second', now() - interval '1 hour'), 'service.connected', 'success', u.id, jsonb_build_object('service', u.mark || '-' || n || '.')
       FROM generate_series(1, 120) n, (VALUES ($1::uuid, 'mine'), ($2::uuid, 'theirs')) u(id, mark)`,
      [id, strangerId],
    );
    const seen: string[] = [];
    for (let path: string | null = "/account/activity", pages = 0; path !== null; pages += 1) {
      expect(pages).toBeLessThan(5);
      const body: string = await open(browser, path);
      expect(body).not.toContain("theirs-");
      seen.push(...[...body.matchAll(/>(mine-\d+)\. was connected</g)].map(([, name]) => name ?? ""));
      path = /href="(\/account\/activity\?before=[^"]+)"/.exec(body)?.[1]?.replaceAll("&amp;", "&") ?? null;
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);

    // A place in another's list is a place in time: it shows nothing but one's own.
    const theirs = /\?before=([^"]+)"/.exec(await open(stranger))?.[1] ?? "";
    expect(theirs).not.toBe("");
    expect(await open(browser, `/account/activity?before=${theirs}`)).not.toContain("theirs-");
    for (const before of ["x", "%00", "0", "eyJ.e30.", "x".repeat(3000)])
      expect(await open(browser, `/account/activity?before=${before}`)).toContain("mine-120");
  });

  it("says what a later version wrote in a neutral sentence, and nothing of an administrator but that it was one", async () => {
    const sub = await newUser();
    const browser = await signInOn(app, new Device(chrome, "198.51.100.15"), sub);
    const id = await userIdIn(app, browser);
    await app.rows(
      `INSERT INTO "AuditEvent" (event, outcome, "userId", ip, "userAgent", detail) VALUES
       ('future.event', 'success', $1, NULL, NULL, '{}'), ('toString', 'failure', $1, NULL, NULL, '{"cause": "constructor"}'),
       ('admin.action', 'success', $1, '192.0.2.77', $2, '{"act": "disable", "actor": "admin", "by": "8f2b"}')`,
      [id, firefox],
    );
    const body = await open(browser);
    expect(body).toContain("Something else happened in your account");
    expect(body).toContain("Something in your account was tried and failed");
    expect(body).toContain("An administrator disabled your account");
    expect(body).not.toMatch(/192\.0\.2|Firefox|8f2b/);
  });

  it("a sign-in that was not its user's ends with one click, on all instances, and leads to what else to do", async () => {
    const sub = await newUser();
    const mine = await signInOn(app, new Device(chrome, "198.51.100.16"), sub);
    const thief = await signInOn(app, new Device(firefox, "203.0.113.16"), sub);
    const page = await mine.request(`${app.url}/account/activity`);
    expect(page.body.match(/data-not-me="/g)).toHaveLength(2);
    const answered = await mine.submit(page, "data-not-me");
    expect(answered.location).toBe(`${app.url}/account/activity?ended=1#next`);
    expect(await whoIs(app, thief)).toBeNull();
    const next = await mine.request(answered.location ?? "");
    expect(next.body).toContain("That session has ended");
    expect(next.body).toContain('data-scope="everywhere"');
    expect(next.body).not.toContain("data-not-me");
  });
});

describe("an ended session", () => {
  it("keeps nothing of its user's claims, address or browser but the words of the list", async () => {
    const sub = await newUser();
    const browser = await signInOn(app, new Device(chrome, "198.51.100.17"), sub);
    const id = await userIdIn(app, browser);
    const csrfToken = await tokenOfForms(app, browser);
    await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form: { csrfToken } });
    expect(
      await app.rows(
        `SELECT claims, roles, amr, acr, ip, "userAgent", device, "endReason" FROM "Session" WHERE "userId" = $1`,
        [id],
      ),
    ).toEqual([
      {
        claims: {},
        roles: [],
        amr: [],
        acr: null,
        ip: null,
        userAgent: null,
        device: "Chrome, Windows",
        endReason: "signed_out",
      },
    ]);
    await signInOn(app, browser, sub);
    expect(await open(browser, "/account/sessions")).toContain("data-ended=");
  });
});
