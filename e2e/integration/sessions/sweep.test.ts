import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../dev/run/build";
import { expiring } from "../../../server/db/delete-expired";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

const cronSecret = "a-secret-of-the-scheduler";
let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ env: { CRON_SECRET: cronSecret } });
});
afterAll(() => app.close());

const knock = (authorization?: string) =>
  new HttpBrowser().fetch(`${app.url}/api/cron/sweep`, { headers: authorization ? { authorization } : {} });

/** Puts the newest session of `subject` so far into the past that its deadlines passed `days` ago. */
async function age(subject: string, days: number): Promise<string> {
  const [row] = await app.rows<{ id: string }>(
    `UPDATE "Session" SET "idleExpiresAt" = now() - make_interval(days => $2), expires = now() - make_interval(days => $2)
     WHERE id = (SELECT id FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1) RETURNING id`,
    [subject, days],
  );
  return row?.id ?? "";
}

/** Who has noted that a clean-up has just ended with nothing left. */
async function lastRuns(): Promise<string[]> {
  const rows = await app.rows<{ by: string }>(
    `SELECT "by" FROM "CleanUp" WHERE "isDone" AND "at" BETWEEN now() - interval '1 hour' AND now() ORDER BY 1`,
  );
  return rows.map(({ by }) => by);
}

describe("the clean-up", () => {
  it("ends what nobody came back to, with its tokens and an audit row, and deletes it a week later", async () => {
    const alive = await signedIn(app, { user: "haneul" });
    await signedIn(app, { user: "minsu" });
    const { refreshToken } = (await app.control.issued("company")).at(-1) ?? {};
    const fresh = await age("minsu", 1);
    await signedIn(app, { user: "eunji" });
    const old = await age("eunji", 8);

    const answered = await knock(`Bearer ${cronSecret}`);
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.body)).toMatchObject({ ended: 2, deleted: { Session: 1 }, done: true });
    expect(answered.headers.get("cache-control")).toContain("no-store");

    expect(
      await app.rows(
        `SELECT s."endReason", s."endedBy", g."sealedRefreshToken", (SELECT count(*)::int FROM "AccessToken") > 0 tokens
         FROM "Session" s JOIN "Grant" g ON g."sessionId" = s.id WHERE s.id = $1`,
        [fresh],
      ),
    ).toEqual([{ endReason: "session_expired", endedBy: "policy", sealedRefreshToken: null, tokens: true }]);
    expect(await app.rows(`SELECT 1 FROM "Session" WHERE id = $1`, [old])).toEqual([]);
    expect(await app.rows(`SELECT 1 FROM "Grant" WHERE "sessionId" = $1`, [old])).toEqual([]);
    expect(await app.rows(`SELECT reason FROM "AuditEvent" WHERE event = 'session.expired'`)).toHaveLength(2);
    const revoked = await app.control.journal("company", { endpoint: "revocation" });
    expect(revoked.map(({ form }) => form.token)).toContain(refreshToken);
    expect(await whoIs(app, alive)).toMatchObject({ sub: "haneul" });
    expect(JSON.parse((await knock(`Bearer ${cronSecret}`)).body)).toMatchObject({ ended: 0, done: true });
    expect(await lastRuns()).toEqual(["schedule"]);
  });

  it("FF-73: deletes every kind of row that has an end, audit rows after their retention, in batches, and leaves those that have time", async () => {
    await app.rows(
      `INSERT INTO "SpentState" ("stateHash", "expiresAt")
       SELECT 'old' || n, now() - interval '1 minute' FROM generate_series(1, 600) n
       UNION ALL SELECT 'new', now() + interval '1 hour'`,
    );
    await app.rows(
      `INSERT INTO "LogoutToken" (id, issuer, "issuedAt", "receivedAt", "expiresAt")
       SELECT 'old' || n, 'x', now(), now(), now() - interval '1 minute' FROM generate_series(1, 600) n
       UNION ALL SELECT 'new', 'x', now(), now(), now() + interval '1 hour'`,
    );
    await app.rows(
      `INSERT INTO "RateLimit" (key, count, "expiresAt")
       SELECT 'old' || n, 1, now() - interval '10 minutes' FROM generate_series(1, 250) n
       UNION ALL SELECT 'new', 1, now() + interval '1 minute'`,
    );
    await app.rows(
      `INSERT INTO "AuditEvent" (at, event, outcome, detail)
       SELECT now() - interval '435 days', 'old', 'success', '{}'::jsonb FROM generate_series(1, 250) n
       UNION ALL SELECT now() - interval '399 days', 'kept', 'success', '{}'::jsonb`,
    );
    const { deleted } = JSON.parse((await knock(`Bearer ${cronSecret}`)).body);
    expect(Object.keys(deleted).sort()).toEqual(Object.keys(expiring).sort());
    expect(deleted).toMatchObject({ SpentState: 600, LogoutToken: 600, RateLimit: 250, AuditEvent: 250 });
    expect(await app.rows(`SELECT "stateHash" FROM "SpentState" WHERE "stateHash" IN ('new', 'old1')`)).toEqual([
      { stateHash: "new" },
    ]);
    expect(await app.rows(`SELECT id FROM "LogoutToken"`)).toEqual([{ id: "new" }]);
    expect(await app.rows(`SELECT key FROM "RateLimit" WHERE key IN ('new', 'old1')`)).toEqual([{ key: "new" }]);
    expect(await app.rows(`SELECT event FROM "AuditEvent" WHERE event IN ('old', 'kept')`)).toEqual([
      { event: "kept" },
    ]);
  });

  it("two at once share the work, and people sign in meanwhile", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    await app.rows(
      `INSERT INTO "Session" (id, "sessionToken", "userId", expires, "idleExpiresAt", "idleSeconds", provider, issuer, subject, claims, "claimsSource", "authTime")
       SELECT gen_random_uuid(), 'swept' || n, (SELECT id FROM "User" LIMIT 1), now() - interval '30 days', now() - interval '30 days', 5, 'company', 'x', 'x', '{}', 'id-token', now()
       FROM generate_series(1, 1000) n`,
    );
    let deleted = 0;
    const knockUntilDone = async () => {
      for (let done = false; !done; ) {
        const told = JSON.parse((await knock(`Bearer ${cronSecret}`)).body);
        deleted += told.deleted.Session;
        done = told.done;
      }
    };
    const [, , , me] = await Promise.all([
      knockUntilDone(),
      knockUntilDone(),
      signedIn(app, { user: "maximilian" }),
      whoIs(app, browser),
    ]);
    expect(deleted).toBe(1000);
    expect(me).toMatchObject({ sub: "jiwoo" });
  });

  it("is done by servers themselves, by none while another has its turn, and takes expired access tokens along", async () => {
    await signedIn(app, { user: "eunji" });
    await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '10 minutes'`);
    const tokens = () => app.rows(`SELECT id FROM "AccessToken"`);
    expect((await tokens()).length).toBeGreaterThan(0);
    // Somebody who has just begun.
    await app.rows(`INSERT INTO "RateLimit" (key, count, "expiresAt") VALUES ('sweep', 1, now() + interval '1 hour')`);
    const every = { SWEEP_INTERVAL_SECONDS: "1" };
    const servers = [await app.startSibling(every), await app.startSibling(every)];
    const asked = () => app.rows<{ count: number }>(`SELECT count FROM "RateLimit" WHERE key = 'sweep'`);
    await expect.poll(async () => (await asked())[0]?.count).toBeGreaterThan(5);
    expect((await tokens()).length).toBeGreaterThan(0);
    await app.rows(`UPDATE "RateLimit" SET "expiresAt" = now() WHERE key = 'sweep'`);
    await expect.poll(tokens).toEqual([]);
    await expect.poll(lastRuns).toContain("server");
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("runs from the command line too", async () => {
    await app.rows(
      `INSERT INTO "SpentState" ("stateHash", "expiresAt") SELECT 'cli' || n, now() - interval '1 minute' FROM generate_series(1, 3) n`,
    );
    const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "sweep"], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...app.environment, NODE_ENV: "production" },
    });
    expect(stdout).toContain("SpentState 3");
    expect(stdout).not.toContain("postgres");
    expect(await lastRuns()).toContain("command");
  });
});

describe("the scheduler's route", () => {
  it("opens to the scheduler's secret alone, and not at all without one", async () => {
    for (const wrong of [undefined, "Bearer ", "Bearer wrong", cronSecret, `bearer ${cronSecret}`]) {
      expect([wrong, (await knock(wrong)).status]).toEqual([wrong, 401]);
    }
    const shut = await openTestApp();
    try {
      for (const authorization of ["Bearer ", "Bearer undefined", "Bearer null", `Bearer ${cronSecret}`]) {
        const refused = await new HttpBrowser().fetch(`${shut.url}/api/cron/sweep`, { headers: { authorization } });
        expect(refused.status).toBe(401);
      }
    } finally {
      await shut.close();
    }
  });

  it("says so while the database is away", async () => {
    await app.database.cut();
    try {
      const answered = await knock(`Bearer ${cronSecret}`);
      expect([answered.status, JSON.parse(answered.body).error]).toEqual([503, "database_unavailable"]);
    } finally {
      await app.database.mend();
    }
  });
});
