import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let abroad: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
  const [where] = await app.rows<{ name: string; role: string }>(
    "SELECT current_database() AS name, current_user AS role",
  );
  await app.rows(`ALTER ROLE "${where?.role}" IN DATABASE "${where?.name}" SET TimeZone = 'Asia/Seoul'`);
  // Its connections are new: they have the role's setting.
  abroad = await app.startSibling({ TZ: "America/New_York", PGTZ: "Asia/Kolkata" });
}, 240_000);
afterAll(() => app?.close());

it("no setting of the database or of the host moves a deadline", async () => {
  const told = { ...app, url: abroad.url };
  const browser = await signedIn(app);
  const state = async (url: string) => JSON.parse((await browser.fetch(`${url}/api/session`)).body);
  const [here, there] = [await state(app.url), await state(abroad.url)];
  expect([there.expiresAt, there.idleExpiresAt]).toEqual([here.expiresAt, here.idleExpiresAt]);
  const read = async () =>
    app.rows<{ absolute: number; since: number; issued: number }>(
      `SELECT extract(epoch FROM expires - "createdAt")::int AS absolute, extract(epoch FROM now() - "createdAt")::int AS since,
         extract(epoch FROM now() - "issuedAt")::int AS issued FROM "Session" ORDER BY "createdAt"`,
    );
  // What the one wrote, the other reads, and the other way round.
  await app.rows(`UPDATE "Session" SET "lastActiveAt" = "lastActiveAt" - interval '5 minutes'`);
  expect((await browser.request(`${abroad.url}/account`)).status).toBe(200);
  const rolled = await state(app.url);
  expect(Date.parse(rolled.idleExpiresAt) - Date.parse(rolled.now)).toBeLessThanOrEqual(30 * 60_000);
  expect(Date.parse(rolled.idleExpiresAt)).toBeGreaterThanOrEqual(Date.parse(here.idleExpiresAt));
  expect(await whoIs(told, browser)).toMatchObject({ sub: "minsu" });
  for (const row of await read()) {
    expect(row.absolute).toBeGreaterThan(12 * 3600 - 5);
    expect(row.absolute).toBeLessThanOrEqual(12 * 3600);
    expect(row.since).toBeLessThan(600);
    expect(row.issued).toBeLessThan(600);
  }
  const [audit] = await app.rows<{ since: number }>(
    `SELECT extract(epoch FROM now() - min(at))::int AS since FROM "AuditEvent"`,
  );
  expect(audit?.since).toBeLessThan(600);
  expect(audit?.since).toBeGreaterThanOrEqual(0);
});
