import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { HttpBrowser } from "../../support/http-browser";
import { type Replicated, startReplicated } from "../../support/replicated";
import { type StartedApp, startTestApp } from "../../support/start-app";
import { signedIn, signIn, whoIs } from "../../support/test-app";

let servers: Replicated;
let app: StartedApp;
let sibling: RunningApp;
beforeAll(async () => {
  servers = await startReplicated();
  app = await startTestApp({ postgresUrl: servers.url });
  sibling = await app.startSibling();
}, 240_000);
afterAll(async () => {
  await app?.close();
  await servers?.close();
});

async function readiness(base: string): Promise<number> {
  return (await new HttpBrowser().fetch(`${base}/readyz`)).status;
}

it("OU-09: nobody's committed sign-in or sign-out is lost when the database fails over, and instances go on by themselves", {
  timeout: 240_000,
}, async () => {
  const leaver = await signedIn(app, { user: "jiwoo" });
  const thief = leaver.clone();
  const page = await leaver.request(`${app.url}/sign-out`);
  const form = { csrfToken: /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "", scope: "device" };
  expect((await leaver.request(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
  const stayer = await signedIn(app, { user: "haneul" });

  const users = Array.from({ length: 24 }, (_, at) => `failover-${at}`);
  for (const sub of users) await app.control.putUser("company", { sub, login: sub, name: sub });
  const committed = new Map<string, HttpBrowser>();
  const refused: string[] = [];
  const comeOneByOne = async (some: string[]) => {
    for (const user of some) {
      const browser = new HttpBrowser();
      try {
        const answered = await signIn(app, browser, { user });
        if (answered.status === 303 && answered.location === `${app.url}/account`) committed.set(user, browser);
        else refused.push(`${answered.status} ${answered.location ?? answered.body.slice(0, 300)}`);
      } catch (error) {
        // Refused before leaving for the provider.
        refused.push(String(error));
      }
    }
  };
  const coming = [0, 1, 2].map((lane) => comeOneByOne(users.filter((_, at) => at % 3 === lane)));
  await expect.poll(() => committed.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
  const promoted = await servers.failOver();
  // Nobody has moved the address yet.
  const between = await stayer.fetch(`${app.url}/api/me`);
  expect([between.status, JSON.parse(between.body).error]).toEqual([503, "database_unavailable"]);
  await Promise.all(coming);
  const moved = new URL(promoted);
  moved.pathname = new URL(app.database.url).pathname;
  app.database.moveTo(moved.href);

  for (const base of [app.url, sibling.url]) await expect.poll(() => readiness(base)).toBe(200);
  const others = refused.filter((outcome) => !/\b503\b|database_unavailable|overloaded/.test(outcome));
  expect(others).toEqual([]);
  expect(await whoIs(app, stayer)).toMatchObject({ sub: "haneul" });
  expect(await whoIs(app, thief)).toBeNull();
  for (const [user, browser] of committed) expect(await whoIs(app, browser)).toMatchObject({ sub: user });
  const client = new pg.Client({ connectionString: moved.href });
  await client.connect();
  const { rows } = await client.query(
    `SELECT s.subject, count(g.id)::int AS grants,
       (SELECT count(*)::int FROM "AuditEvent" a WHERE a.event = 'sign_in.succeeded' AND a."userId" = s."userId") AS audited
     FROM "Session" s LEFT JOIN "Grant" g ON g."sessionId" = s.id WHERE s.subject = ANY ($1) GROUP BY s.subject, s."userId"`,
    [[...committed.keys()]],
  );
  await client.end();
  expect(new Set(rows.map(({ subject }) => subject))).toEqual(new Set(committed.keys()));
  for (const row of rows) expect(row).toMatchObject({ grants: 1, audited: 1 });
  // And whoever comes now is let in.
  expect((await signIn(app, new HttpBrowser(), { user: users[0] ?? "" })).status).toBe(303);
});
