import { afterAll, beforeAll, expect, it } from "vitest";
import { hashSessionId } from "../../../server/audit/audit";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, openTestApp, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const arriving = Array.from({ length: 15 }, (_, at) => `arriving-${at}`);
const leaving = Array.from({ length: 15 }, (_, at) => `leaving-${at}`);

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ env: { OUTBOUND_TIMEOUT_MS: "9000" } });
  for (const sub of [...arriving, ...leaving]) await app.control.putUser("company", { sub, login: sub, name: sub });
});
afterAll(() => app.close());

interface SessionRow {
  subject: string;
  sessionToken: string;
  endedAt: Date | null;
  grants: number;
  livingGrants: number;
}

/** Every session of the crowd, with what hangs on it. */
const sessions = () =>
  app.rows<SessionRow>(
    `SELECT s.subject, s."sessionToken", s."endedAt", count(g.id)::int grants,
            count(g.id) FILTER (WHERE g."endedAt" IS NULL)::int "livingGrants"
     FROM "Session" s LEFT JOIN "Grant" g ON g."sessionId" = s.id GROUP BY s.id`,
  );

async function audited(event: string): Promise<Set<string>> {
  const rows = await app.rows<{ sessionHash: string }>(`SELECT "sessionHash" FROM "AuditEvent" WHERE event = $1`, [
    event,
  ]);
  return new Set(rows.map(({ sessionHash }) => sessionHash));
}

it("OU-08: killed while thirty people sign in and out, an instance leaves each of them in or out, and nothing by half", {
  timeout: 120_000,
}, async () => {
  const doomed = await app.startSibling();
  const atDoomed = () => new HttpBrowser((url) => (url.origin === app.url ? doomed.url : null));
  const signingOut = await Promise.all(
    leaving.map(async (user) => {
      const browser = atDoomed();
      expect((await signIn(app, browser, { user })).status).toBe(303);
      return { browser, page: await browser.request(`${app.url}/sign-out`) };
    }),
  );
  const comers = await Promise.all(
    arriving.map(async (user) => {
      const browser = atDoomed();
      return { browser, back: await meetProvider(app, browser, await startSignIn(app, browser), user) };
    }),
  );

  const calls = [
    ...comers.map(({ browser, back }) => browser.request(back.location ?? "")),
    ...signingOut.map(({ browser, page }) => browser.submit(page, 'data-scope="device"')),
  ];
  const ends = Promise.allSettled(calls);
  await reached(8, calls);
  process.kill(-doomed.pid, "SIGKILL");
  await doomed.exit;
  const cut = (await ends).filter(({ status }) => status === "rejected").length;
  expect(cut).toBeGreaterThan(0);

  // The database has the last word on what was under way. It hears of the death by the connections that broke.
  await expect
    .poll(() =>
      app.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'`),
    )
    .toEqual([]);
  const [rows, began, ended] = await Promise.all([sessions(), audited("sign_in.succeeded"), audited("sign_out")]);
  console.log(`killed under ${cut} of ${calls.length} calls; ${rows.length} sessions`);
  for (const { subject, sessionToken, endedAt, grants, livingGrants } of rows) {
    const hash = hashSessionId(sessionToken);
    expect([subject, grants, livingGrants]).toEqual([subject, 1, endedAt ? 0 : 1]);
    expect([subject, began.has(hash), ended.has(hash)]).toEqual([subject, true, endedAt !== null]);
  }

  // At the other instance: in, or out and able to come in.
  for (const [at, { browser }] of [...comers, ...signingOut].entries()) {
    const user = [...arriving, ...leaving][at] ?? "";
    const elsewhere = browser.clone(() => null);
    const there = await whoIs(app, elsewhere);
    expect([user, there?.sub ?? user]).toEqual([user, user]);
    if (there) continue;
    expect((await signIn(app, elsewhere, { user })).status).toBe(303);
    expect((await whoIs(app, elsewhere))?.sub).toBe(user);
  }
});

/** Resolves once `count` of the calls have come back. */
function reached(count: number, calls: Promise<unknown>[]): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    for (const call of calls)
      call.then(
        () => {
          left -= 1;
          if (left === 0) resolve();
        },
        () => {},
      );
  });
}
