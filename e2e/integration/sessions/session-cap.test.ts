import { afterAll, beforeAll, expect, it } from "vitest";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, openTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const cap = 3;
let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ env: { SESSION_MAX_PER_USER: String(cap) } });
});
afterAll(() => app.close());

const live = async (subject: string) =>
  (await app.rows(`SELECT id FROM "Session" WHERE subject = $1 AND "endedAt" IS NULL`, [subject])).length;

it("CC-06: one sign-in past the cap ends the least recently active session, and only that", async () => {
  const browsers: HttpBrowser[] = [];
  for (let at = 0; at < cap; at += 1) browsers.push(await signedIn(app, { user: "minsu" }));
  // The first comes back, so that the second is the one that has been quiet longest.
  await app.rows(`UPDATE "Session" SET "lastActiveAt" = "lastActiveAt" - interval '1 minute' WHERE subject = 'minsu'`);
  await browsers[0]?.request(`${app.url}/account`);
  browsers.push(await signedIn(app, { user: "minsu" }));
  const there = await Promise.all(browsers.map(async (browser) => (await whoIs(app, browser))?.sub));
  expect(there).toEqual(["minsu", undefined, "minsu", "minsu"]);
  const refused = await (browsers[1] as HttpBrowser).fetch(`${app.url}/api/me`);
  expect(JSON.parse(refused.body).error).toBe("session_revoked");
  expect(
    await app.rows(`SELECT "endReason", "endedBy" FROM "Session" WHERE subject = 'minsu' AND "endedAt" IS NOT NULL`),
  ).toEqual([{ endReason: "session_cap", endedBy: "policy" }]);
  expect(await app.rows(`SELECT outcome, reason, detail FROM "AuditEvent" WHERE event = 'session.revoked'`)).toEqual([
    { outcome: "success", reason: "session_revoked", detail: { cause: "cap", count: 1 } },
  ]);
});

it("CC-06: who is there in the last stretch before the absolute end counts as active, and is written once", async () => {
  const browser = await signedIn(app, { user: "eunji" });
  const [{ id } = { id: "" }] = await app.rows<{ id: string }>(
    `UPDATE "Session" SET "lastActiveAt" = "lastActiveAt" - interval '10 minutes', expires = now() + interval '5 minutes',
       "idleExpiresAt" = now() + interval '5 minutes' WHERE subject = 'eunji' RETURNING id`,
  );
  const activity = async () =>
    (
      await app.rows(
        `SELECT "lastActiveAt" > now() - interval '1 minute' AS lately, xmin FROM "Session" WHERE id = $1`,
        [id],
      )
    )[0];
  await browser.request(`${app.url}/account`);
  const written = await activity();
  expect(written).toMatchObject({ lately: true });
  await Promise.all(Array.from({ length: 5 }, () => browser.request(`${app.url}/account`)));
  expect(await activity()).toEqual(written);
});

it("CC-06: a race of five at the cap leaves exactly as many as the cap allows, on two instances", async () => {
  const sibling = await app.startSibling();
  for (let at = 0; at < cap; at += 1) await signedIn(app, { user: "haneul" });
  const racers = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const browser = new HttpBrowser();
      const back = await meetProvider(app, browser, await startSignIn(app, browser), "haneul");
      return { browser, callback: back.location ?? "" };
    }),
  );
  const answers = await Promise.all(
    racers.map(({ browser, callback }, at) =>
      browser.request(at % 2 ? callback : callback.replace(app.url, sibling.url)),
    ),
  );
  expect(answers.map(({ status, location }) => [status, new URL(location ?? "").pathname])).toEqual(
    Array(5).fill([303, "/account"]),
  );
  expect(await live("haneul")).toBe(cap);
  const there = await Promise.all(racers.map(async ({ browser }) => (await whoIs(app, browser)) !== null));
  expect(there.filter(Boolean)).toHaveLength(cap);
});
