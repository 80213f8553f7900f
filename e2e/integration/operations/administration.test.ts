import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signedInLongAgo, type TestApp, whoIs } from "../../support/test-app";

// Haneul administers by the provider's word; Minsu and Jiwoo do not.
let app: TestApp;
let sibling: RunningApp;
let admin: HttpBrowser;
let minsu: { browser: HttpBrowser; id: string; session: string };

beforeAll(async () => {
  app = await shareTestApp({
    env: { ADMIN_SUBJECTS: "partner:haneul,company:p-minsu", CRON_SECRET: "a-secret-of-the-scheduler" },
  });
  sibling = await app.shareSibling();
});
afterAll(() => app.close());

beforeEach(async () => {
  await app.control.setClock("company", 0);
  await app.rows(`TRUNCATE "User", "AuditEvent" CASCADE`);
  admin = await signedIn(app, { user: "haneul" });
  minsu = await someone("minsu");
});

async function someone(user: string) {
  const browser = await signedIn(app, { user });
  const [row] = await app.rows<{ id: string; session: string }>(
    `SELECT "userId" AS id, id AS session FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [user],
  );
  return { browser, id: row?.id ?? "", session: row?.session ?? "" };
}

const nobody = "00000000-0000-4000-8000-000000000000";

async function post(browser: HttpBrowser, path: string, fields: Record<string, string>, url = app.url) {
  const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
  const form = { csrfToken, ...fields };
  // A load balancer names the app, whichever instance answers.
  const headers = { Host: new URL(app.url).host, Origin: app.url };
  return browser.request(`${url}${path}`, { method: "POST", form, headers });
}

const act = (browser: HttpBrowser, name: string, user: string, more: Record<string, string> = {}, url = app.url) =>
  post(browser, `/api/admin/users/${name}`, { user, ...more }, url);

const acts = ["disable", "enable", "end-sessions", "note", "delete"];
const pages = () => [
  "/admin",
  "/admin/users",
  `/admin/users/${minsu.id}`,
  "/admin/sessions",
  "/admin/audit",
  "/admin/providers",
  "/admin/doctor",
];
const codeOf = (page: Page) => /code=([a-z_]+)/.exec(page.headers.get("refresh") ?? page.location ?? "")?.[1];
const trailOf = (user: string) =>
  app.rows(
    `SELECT detail->>'act' AS act, detail->>'by' AS by FROM "AuditEvent" WHERE event = 'admin.action' AND "userId" = $1 ORDER BY id`,
    [user],
  );
const idOf = async (user: string) =>
  (await app.rows<{ userId: string }>(`SELECT "userId" FROM "Account" WHERE "providerAccountId" = $1`, [user]))[0]
    ?.userId ?? "";

describe("who administers", () => {
  it("sees every page of administration, and nobody else does", async () => {
    for (const path of pages()) {
      expect([path, (await admin.request(app.url + path)).status]).toEqual([path, 200]);
      expect([path, (await minsu.browser.request(app.url + path)).status]).toEqual([path, 403]);
    }
    expect((await minsu.browser.fetch(`${app.url}/api/admin/audit?format=csv`)).status).toBe(403);
  });

  it("may act, and whoever does not is refused by the row, whatever their cookie says", async () => {
    for (const name of acts) {
      const refused = await act(minsu.browser, name, await idOf("haneul"), { sure: "yes", note: "x" });
      expect([name, refused.status]).toEqual([name, 403]);
    }
    expect((await post(minsu.browser, "/api/admin/sessions/end", { session: minsu.session })).status).toBe(403);
    // The cookie still has the role that the row has lost.
    await app.rows(`UPDATE "Session" SET roles = '{}' WHERE subject = 'haneul'`);
    expect((await act(admin, "disable", minsu.id)).status).toBe(403);
    expect((await admin.request(`${app.url}/admin/users`)).status).toBe(403);
    expect((await admin.fetch(`${app.url}/api/admin/audit?format=csv`)).status).toBe(403);
    expect(await app.rows(`SELECT 1 FROM "User" WHERE "disabledAt" IS NOT NULL`)).toEqual([]);
    expect(await whoIs(app, minsu.browser)).not.toBeNull();
  });

  it("confirms a sign-in that is an hour old before each act, and does nothing until it is asked once more", async () => {
    const old = await signedInLongAgo(app, "haneul");
    for (const name of acts) {
      const asked = await act(old, name, minsu.id, { sure: "yes", note: "x" });
      expect([name, asked.status]).toEqual([name, 302]);
      expect(new URL(asked.location ?? "").searchParams.get("max_age")).toBe("600");
    }
    expect((await post(old, "/api/admin/sessions/end", { session: minsu.session })).status).toBe(302);
    const exported = await old.request(`${app.url}/api/admin/audit?format=csv`);
    expect(exported.location).toContain("/api/session/step-up");
    expect(await trailOf(minsu.id)).toEqual([]);
    const asked = await act(old, "disable", minsu.id);
    const back = await meetProvider(app, old, asked, "haneul");
    const returned = await old.request(back.location ?? "");
    expect(returned.location).toBe(`${app.url}/admin/users/${minsu.id}?confirmed=1`);
    expect(await trailOf(minsu.id)).toEqual([]);
    expect((await act(old, "disable", minsu.id)).status).toBe(303);
    expect(await trailOf(minsu.id)).toHaveLength(1);
  });

  it("is refused a form that no page of theirs sent", async () => {
    const form = { csrfToken: "forged", user: minsu.id };
    const forged = await admin.request(`${app.url}/api/admin/users/disable`, { method: "POST", form });
    expect(codeOf(forged)).toBe("csrf_rejected");
    const headers = { Origin: "https://evil.example" };
    const { csrfToken } = JSON.parse((await admin.fetch(`${app.url}/api/auth/csrf`)).body);
    const foreign = await admin.request(`${app.url}/api/admin/users/disable`, {
      method: "POST",
      form: { ...form, csrfToken },
      headers,
    });
    expect(codeOf(foreign)).toBeDefined();
    expect((await admin.request(`${app.url}/api/admin/users/disable`)).status).toBe(405);
    expect(await whoIs(app, minsu.browser)).not.toBeNull();
  });

  it("is named by ADMIN_SUBJECTS for the one account that it names, and opens the gate at once", async () => {
    // Of the same subject as the administrator at the other provider, and without a role.
    const named = await signedIn(app, { user: "haneul", provider: "partner" });
    expect((await named.request(`${app.url}/admin`)).status).toBe(200);
    // The subject that is named is another provider's. With the address of a user of this app they would not get in at all.
    await app.control.changeUser("partner", "p-minsu", { email: null });
    const other = await signedIn(app, { user: "p-minsu", provider: "partner" });
    expect((await other.request(`${app.url}/admin`)).status).toBe(403);
  });

  it("is named by an operator during a session, and is none any more with the next request once that is taken back", async () => {
    const open = async () => (await minsu.browser.visit(`${app.url}/admin/users`)).status;
    expect(await open()).toBe(403);
    await app.rows(`UPDATE "User" SET "adminSince" = now() WHERE id = $1`, [minsu.id]);
    expect(await open()).toBe(200);
    await app.rows(`UPDATE "User" SET "adminSince" = NULL WHERE id = $1`, [minsu.id]);
    expect(await open()).toBe(403);
    // With a confirmation outstanding nobody knows who is there.
    await app.rows(`UPDATE "User" SET "adminSince" = now() WHERE id = $1`, [minsu.id]);
    await app.rows(`UPDATE "Session" SET confirmation = 'asked' WHERE id = $1`, [minsu.session]);
    expect((await minsu.browser.fetch(`${app.url}/api/admin/audit?format=csv`)).status).toBe(403);
  });
});

describe("an administrator", () => {
  it("disables a user, whose sessions end on every instance, and enables them again; each is in their trail", async () => {
    const done = await act(admin, "disable", minsu.id);
    expect([done.status, done.location]).toEqual([303, `${app.url}/admin/users/${minsu.id}?done=1`]);
    for (const url of [app.url, sibling.url]) {
      const refused = await minsu.browser.fetch(`${url}/api/me`);
      expect([refused.status, JSON.parse(refused.body).error]).toEqual([401, "session_revoked"]);
    }
    expect((await admin.request(done.location ?? "")).body).toContain("The account is disabled");
    // Twice is as good as once.
    expect((await act(admin, "disable", minsu.id)).status).toBe(303);
    expect((await act(admin, "enable", minsu.id)).status).toBe(303);
    const haneul = await idOf("haneul");
    expect(await trailOf(minsu.id)).toEqual([
      { act: "disable", by: haneul },
      { act: "enable", by: haneul },
    ]);
    expect(await whoIs(app, await signedIn(app, { user: "minsu" }))).not.toBeNull();
  });

  it("ends one session or all of a user, writes a note, and deletes the account", async () => {
    const other = await someone("minsu");
    const ended = await post(admin, "/api/admin/sessions/end", { session: minsu.session, user: minsu.id });
    expect(ended.location).toBe(`${app.url}/admin/users/${minsu.id}?done=1`);
    expect(await whoIs(app, minsu.browser)).toBeNull();
    expect(await whoIs(app, other.browser)).not.toBeNull();
    expect((await act(admin, "note", minsu.id, { note: "Called <b>twice</b>." })).status).toBe(303);
    expect((await admin.request(`${app.url}/admin/users/${minsu.id}`)).body).toContain(
      "Called &lt;b&gt;twice&lt;/b&gt;.",
    );
    await act(admin, "end-sessions", minsu.id);
    expect(await whoIs(app, other.browser)).toBeNull();
    expect(codeOf(await act(admin, "delete", minsu.id))).toBe("invalid_request");
    const deleted = await act(admin, "delete", minsu.id, { sure: "yes" });
    expect(deleted.location).toBe(`${app.url}/admin/users?q=${minsu.id}`);
    expect(await app.rows(`SELECT 1 FROM "User" WHERE id = $1`, [minsu.id])).toEqual([]);
    expect((await admin.request(`${app.url}/admin/users/${minsu.id}`)).status).toBe(404);
  });

  it("is answered for a user or a session that is not there as for one that never was", async () => {
    for (const name of acts) {
      const answered = await act(admin, name, nobody, { sure: "yes" });
      expect([name, answered.status, answered.location]).toEqual([name, 303, `${app.url}/admin/users?q=${nobody}`]);
      for (const wrong of ["", "../../etc/passwd", "' OR 1=1 --", "x".repeat(2_000)]) {
        expect(codeOf(await act(admin, name, wrong, { sure: "yes" }))).toBe("invalid_request");
      }
    }
    expect(codeOf(await act(admin, "toString", minsu.id))).toBe("invalid_request");
    expect((await post(admin, "/api/admin/sessions/end", { session: nobody })).location).toBe(
      `${app.url}/admin/sessions`,
    );
    for (const id of [nobody, "x", "%00", "..%2F"]) {
      expect((await admin.request(`${app.url}/admin/users/${id}`)).status).toBe(404);
    }
  });

  it("neither disables nor deletes themselves", async () => {
    const haneul = await idOf("haneul");
    for (const name of ["disable", "delete"]) {
      const refused = await act(admin, name, haneul, { sure: "yes" });
      expect([name, refused.status, codeOf(refused)]).toEqual([name, 409, "last_admin"]);
    }
    expect((await admin.request(`${app.url}/admin`)).status).toBe(200);
  });

  it("of two that disable each other at once on two instances, one stays", async () => {
    await app.rows(`UPDATE "User" SET "adminSince" = now() WHERE id = $1`, [minsu.id]);
    const haneul = await idOf("haneul");
    const answers = await Promise.all([
      act(admin, "disable", minsu.id),
      act(minsu.browser, "disable", haneul, {}, sibling.url),
    ]);
    // The second is refused as the last one, or as nobody: their session may have ended before they were heard.
    expect(answers.filter(({ location }) => location?.endsWith("?done=1"))).toHaveLength(1);
    expect(await app.rows(`SELECT 1 FROM "User" WHERE "disabledAt" IS NOT NULL`)).toHaveLength(1);
  });
});

describe("the lists", () => {
  it("find a user by the beginning of name, address, subject or by id, and nobody by what only looks like it", async () => {
    const [row] = await app.rows<{ name: string; email: string }>(`SELECT name, email FROM "User" WHERE id = $1`, [
      minsu.id,
    ]);
    const found = async (q: string) =>
      (await admin.request(`${app.url}/admin/users?${new URLSearchParams({ q })}`)).body.includes(
        `data-user="${minsu.id}"`,
      );
    for (const q of [
      row?.name ?? "",
      (row?.name ?? "").slice(0, 1),
      (row?.email ?? "").slice(0, 5).toUpperCase(),
      "min",
      minsu.id,
    ]) {
      expect([q, await found(q)]).toEqual([q, true]);
    }
    for (const q of ["%", "_", "insu", "' OR '1'='1", nobody, "\u{10FFFF}"])
      expect([q, await found(q)]).toEqual([q, false]);
  });

  it("go on where the page before ended, without a gap and without anybody twice", async () => {
    await app.rows(
      `INSERT INTO "User" (id, name, email, "createdAt", "updatedAt")
       SELECT gen_random_uuid(), 'Same name', 'same' || n || '@company.example', now() - interval '1 day', now() FROM generate_series(1, 60) n`,
    );
    for (const start of ["/admin/users?q=same+name&by=name", "/admin/users?q=same&by=email", "/admin/users"]) {
      const seen: string[] = [];
      for (let path: string | undefined = start; path; ) {
        const { body } = await admin.request(app.url + path);
        seen.push(...[...body.matchAll(/data-user="([^"]+)"/g)].map(([, id]) => id ?? ""));
        path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll("&amp;", "&");
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect([start, seen.length]).toEqual([start, start === "/admin/users" ? 62 : 60]);
    }
  });

  it("of sessions are filtered by provider and device", async () => {
    const body = async (query: string) => (await admin.request(`${app.url}/admin/sessions${query}`)).body;
    expect(await body("?provider=company")).toContain(minsu.session);
    expect(await body("?provider=partner")).not.toContain(minsu.session);
    expect(await body("?device=-")).toContain(minsu.session);
    expect(await body("?device=Chrome%2C+Linux")).not.toContain(minsu.session);
  });

  it("of the audit trail are filtered by all that it says, and show newer rows without losing the place", async () => {
    const eventsIn = ({ body }: Page) => [...body.matchAll(/data-event="([^"]+)"/g)].map(([, event]) => event);
    const ask = (query: string) => admin.request(`${app.url}/admin/audit?${query}`);
    const today = new Date().toISOString().slice(0, 10);
    const own = await ask(`event=sign_in.succeeded&user=${minsu.id}&outcome=success&from=${today}&to=${today}`);
    expect(eventsIn(own)).toEqual(["sign_in.succeeded"]);
    expect(eventsIn(await ask(`user=${minsu.id}&outcome=failure`))).toEqual([]);
    expect(eventsIn(await ask(`to=2001-01-01`))).toEqual([]);
    expect((await ask("before=rubbish&after=%25%25&from=yesterday&user=x&outcome=maybe")).status).toBe(200);
    const all = await ask("event=sign_in.succeeded");
    const follow = /href="([^"]*after=[^"]+)"/.exec(all.body)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(eventsIn(await admin.request(app.url + follow))).toEqual([]);
    await signedIn(app, { user: "jiwoo" });
    const [before] = await app.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM "AuditEvent" WHERE event = 'sign_in.succeeded'`,
    );
    expect(before?.n).toBe(3);
    expect(eventsIn(await admin.request(app.url + follow))).toEqual(["sign_in.succeeded"]);
  });

  it("that little fits are looked for a thousand rows at a time, and are found in the end", async () => {
    await app.rows(
      `INSERT INTO "AuditEvent" (at, event, outcome, detail)
       SELECT now() - n * interval '1 second', CASE n WHEN 1500 THEN 'sign_in.failed' ELSE 'token.refreshed' END,
         CASE n WHEN 1500 THEN 'failure' ELSE 'success' END, '{}' FROM generate_series(1, 2500) n`,
    );
    const first = await admin.request(`${app.url}/admin/audit?outcome=failure&to=2999-01-01`);
    expect(first.body).not.toContain('data-event="sign_in.failed"');
    expect(first.body).toContain("1,000");
    const next = /href="([^"]+)" rel="next"/.exec(first.body)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect((await admin.request(app.url + next)).body).toContain('data-event="sign_in.failed"');
  });
});

describe("the audit trail as a file", () => {
  it("has every row once, in order, as NDJSON and as CSV, and says who took it", async () => {
    await app.rows(
      `INSERT INTO "AuditEvent" (at, event, outcome, "userAgent", detail)
       SELECT now() - interval '1 hour', 'token.refreshed', 'success', '=cmd|''/c calc''!A1', '{"note":"a,\\"b\\""}' FROM generate_series(1, 2500)`,
    );
    const taken = await admin.request(`${app.url}/api/admin/audit?format=ndjson&event=token.refreshed`);
    expect(taken.headers.get("content-type")).toBe("application/x-ndjson");
    expect(taken.headers.get("cache-control")).toContain("no-store");
    const rows = taken.body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2500);
    const csv = await admin.request(`${app.url}/api/admin/audit?format=csv&event=token.refreshed`);
    expect(csv.headers.get("content-disposition")).toMatch(/^attachment; filename="audit-[\d-]+\.csv"$/);
    const [head, first] = csv.body.split("\r\n");
    expect(head).toMatch(/^id,at,event,/);
    expect(first).toContain(`"'=cmd|'/c calc'!A1"`);
    expect(first).toContain(`"{""note"":""a,\\""b\\""""}"`);
    const haneul = await idOf("haneul");
    expect(
      await app.rows(
        `SELECT detail->>'format' AS format, detail->>'by' AS by FROM "AuditEvent" WHERE event = 'admin.action' ORDER BY id`,
      ),
    ).toEqual([
      { format: "ndjson", by: haneul },
      { format: "csv", by: haneul },
    ]);
  });

  it("is refused in a form, or for a time, that there is not", async () => {
    for (const query of ["", "format=xml", "format=csv&from=yesterday", "format=csv&user=1", "format=csv&format=csv"]) {
      const refused = await admin.fetch(`${app.url}/api/admin/audit?${query}`);
      if (query.includes("user")) expect(refused.body.split("\r\n")).toHaveLength(2);
      else expect([query, refused.status]).toEqual([query, 400]);
    }
  });
});

it("what happened on each day is counted by the sweep, and drawn with a table of the same numbers", async () => {
  await app.rows(`TRUNCATE "DailyCount"`);
  await app.rows(
    `INSERT INTO "AuditEvent" (at, event, outcome, provider, reason, detail)
     SELECT now() - interval '3 days', 'sign_in.failed', 'failure', 'company', 'provider_timeout', '{}' FROM generate_series(1, 41)
     UNION ALL
     SELECT now() - interval '3 days', 'sign_in.succeeded', 'success', 'company', NULL, jsonb_build_object('providerMs', n * 10)
     FROM generate_series(1, 20) n`,
  );
  const sweep = () =>
    admin.fetch(`${app.url}/api/cron/sweep`, { headers: { Authorization: "Bearer a-secret-of-the-scheduler" } });
  // On a machine that is busy one run has no time for all days.
  const counted = () => app.rows(`SELECT day::text, events FROM "DailyCount" ORDER BY day`);
  const sweepAll = () => expect.poll(async () => JSON.parse((await sweep()).body).done).toBe(true);
  await sweepAll();
  const { body } = await admin.request(`${app.url}/admin`);
  expect(body).toMatch(/<svg[^>]*role="img"[^>]*aria-label="Sign-ins a day: [^"]*the most on one day is 61\./);
  expect(body).toMatch(/<td[^>]*>41<\/td>/);
  expect(body).toMatch(/aria-label="How long sign-ins take: [^"]*the most on one day is \d+\./);
  expect(body).toMatch(/<td[^>]*>105<\/td><td[^>]*>190<\/td>/);
  expect((await admin.request(`${app.url}/admin/providers`)).body).toContain("provider_timeout");
  const before = await counted();
  expect(before).toHaveLength(30);
  await app.rows(`UPDATE "DailyCount" SET "countedAt" = "countedAt" - interval '1 day'`);
  await sweepAll();
  expect((await counted()).slice(0, -1)).toEqual(before.slice(0, -1));
});
