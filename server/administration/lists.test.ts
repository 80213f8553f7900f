import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { countDay } from "../audit/count-day";
import { countDays, countedDays, dayOf } from "../audit/count-days";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { listAuditEvents, parseAuditFilter } from "./audit-filter";
import { countOf, listDailyFigures } from "./daily-counts";
import { type AuditRow, listAudit, readAudit } from "./list-audit";
import { listNewestUsers, searchUsers, type UserPage } from "./list-users";

beforeAll(async () => {
  provideEnv({ databaseUrl: await createTestDatabase(inject("servers").postgresUrl) });
});
afterAll(() => db.$disconnect());

async function readAll(page: (after: string | undefined) => Promise<UserPage>): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const { users, next } = await page(after);
    ids.push(...users.map(({ id }) => id));
    if (next === null) return ids;
    after = next;
  }
}

it("a list goes on where the page before ended, without a gap and without anybody twice", async () => {
  await db.$executeRaw`
    INSERT INTO "User" (id, name, email, "createdAt", "updatedAt")
    SELECT gen_random_uuid(), '같은 이름', 'same' || n || '@company.example', now() - n / 7 * interval '1 minute', now()
    FROM generate_series(1, 60) n`;
  for (const page of [
    (after: string | undefined) => listNewestUsers(after, 25),
    (after: string | undefined) => searchUsers("name", "같은", { after, most: 25 }),
    (after: string | undefined) => searchUsers("email", "SAME", { after, most: 25 }),
  ]) {
    const ids = await readAll(page);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  }
  for (const q of ["%", "_", "ame", "\u{10FFFF}", "\0"]) {
    expect((await searchUsers("email", q)).users).toEqual([]);
  }
});

it("the trail is read forwards and backwards, and of what seldom fits a thousand rows at a time", async () => {
  await db.$executeRaw`
    INSERT INTO "AuditEvent" (at, event, outcome, detail)
    SELECT date_trunc('minute', now()) - n / 5 * interval '1 second', CASE n WHEN 1500 THEN 'sign_in.failed' ELSE 'token.refreshed' END,
      CASE n WHEN 1500 THEN 'failure' ELSE 'success' END, '{}' FROM generate_series(1, 2500) n`;
  expect(await listAuditEvents()).toEqual(["sign_in.failed", "token.refreshed"]);
  const first = await listAudit({});
  const second = await listAudit({}, { before: first.older ?? "" });
  expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(100);
  const back = await listAudit({}, { after: second.newer ?? "" });
  expect(back.rows).toEqual(first.rows);
  const none = await listAudit({}, { after: first.newer ?? "" });
  expect([none.rows, none.newer]).toEqual([[], first.newer]);
  const failures = await listAudit({ outcome: "failure" });
  expect([failures.rows, failures.isCut]).toEqual([[], true]);
  const further = await listAudit({ outcome: "failure" }, { before: failures.older ?? "" });
  expect(further.rows.map(({ event }) => event)).toEqual(["sign_in.failed"]);
  const all: AuditRow[] = [];
  for await (const rows of readAudit({ to: new Date() })) all.push(...rows);
  expect(new Set(all.map(({ id }) => id)).size).toBe(2500);
  const batches: AuditRow[][] = [];
  for await (const rows of readAudit({ outcome: "failure", to: new Date() }, 100)) batches.push(rows);
  expect(batches.flat().map(({ event }) => event)).toEqual(["sign_in.failed"]);
  // None of its statements looked for the one that fits in more rows than these.
  expect(batches).toHaveLength(26);
  expect(all.map(({ at }) => at.getTime())).toEqual(all.map(({ at }) => at.getTime()).sort((a, b) => a - b));
});

it("rows of one millisecond come in the order of their numbers, however many digits these have", async () => {
  await db.auditEvent.deleteMany({});
  const at = new Date("2026-11-20T10:00:00Z");
  await db.$executeRaw`
    INSERT INTO "AuditEvent" (id, at, event, outcome, detail)
    SELECT n, ${at}::timestamptz, 'token.refreshed', 'success', '{}'::jsonb FROM generate_series(1000000990, 1000001110) n
    UNION ALL SELECT n, ${at}::timestamptz, 'token.refreshed', 'success', '{}'::jsonb FROM generate_series(999999970, 999999999) n`;
  const seen: string[] = [];
  for (let before: string | undefined; ; ) {
    const { rows, older } = await listAudit({}, { before });
    seen.push(...rows.map(({ id }) => id));
    if (older === null) break;
    before = older;
  }
  expect(seen).toHaveLength(151);
  const exported: string[] = [];
  for await (const rows of readAudit({ to: new Date() }, 50)) exported.push(...rows.map(({ id }) => id));
  expect(exported).toEqual([...seen].reverse());
  await db.auditEvent.deleteMany({});
});

it("a filter by hand asks for days and moments, and says what is neither", () => {
  const { filter, wrong } = parseAuditFilter({ from: "2026-11-01", to: "2026-11-02", outcome: "failure" });
  expect(filter).toMatchObject({ from: new Date("2026-11-01"), to: new Date("2026-11-03"), outcome: "failure" });
  expect(wrong).toEqual([]);
  expect(parseAuditFilter({ to: "2026-11-02T10:00Z" }).filter.to).toEqual(new Date("2026-11-02T10:00Z"));
  expect(parseAuditFilter({ from: "2026-02-31x", to: "yesterday", outcome: "maybe" }).wrong).toEqual([
    "outcome",
    "from",
    "to",
  ]);
});

it("a day is counted the same however often, also what was written late; and no day twice once it is over", async () => {
  await db.auditEvent.deleteMany({});
  const now = new Date("2026-11-29T12:00:00Z");
  const threeDaysAgo = new Date("2026-11-26T10:00:00Z");
  const row = { at: threeDaysAgo, event: "sign_in.failed", outcome: "failure", provider: "company", detail: {} };
  await db.auditEvent.createMany({ data: Array.from({ length: 41 }, () => row) });
  const count = (at: Date) => countDays(async () => 7, { until: Date.now() + 30_000, keptDays: 400, now: at });
  expect(await count(now)).toBe(true);
  const failures = async () => {
    const figures = await listDailyFigures(now);
    return figures.map(({ events }) => countOf(events, ({ event }) => event === "sign_in.failed"));
  };
  const expected = Array.from({ length: countedDays }, (_, at) => (at === countedDays - 4 ? 41 : 0));
  expect(await failures()).toEqual(expected);
  expect((await listDailyFigures(now)).at(-1)).toMatchObject({ sessions: 7, mostSessions: 7, users: 60 });
  await db.dailyCount.deleteMany({ where: { day: dayOf(threeDaysAgo) } });
  await count(new Date(now.getTime() + 60_000));
  expect(await failures()).toEqual(expected);
  // However small the parts are that a statement counts, also where more are of one moment than fit.
  await countDay(dayOf(threeDaysAgo), new Date(now.getTime() + 60_000), 7);
  expect(await failures()).toEqual(expected);
  const counted = await db.dailyCount.findUniqueOrThrow({ where: { day: dayOf(threeDaysAgo) } });
  await count(new Date(now.getTime() + 3_600_000));
  expect(await db.dailyCount.findUniqueOrThrow({ where: { day: dayOf(threeDaysAgo) } })).toEqual(counted);
});

it("a day that cannot be counted keeps no other from it, and the clean-up goes on later", async () => {
  await db.auditEvent.deleteMany({});
  await db.dailyCount.deleteMany({});
  const now = new Date("2026-11-29T12:00:00Z");
  const spread = Array.from({ length: 50 }, (_, n) => new Date(now.getTime() - 3 * 86_400_000 + n));
  await db.auditEvent.createMany({
    data: spread.map((at) => ({ at, event: "sign_in.failed", outcome: "failure", detail: {} })),
  });
  const failing = dayOf(new Date("2026-11-27T00:00:00Z"));
  await db.$executeRawUnsafe(`ALTER TABLE "DailyCount" ADD CONSTRAINT failing CHECK (day <> '2026-11-27')`);
  const count = () => countDays(async () => 0, { until: Date.now() + 300_000, keptDays: 400, now });
  expect(await count()).toBe(false);
  const counted = async () => (await db.dailyCount.findMany({ select: { day: true } })).map(({ day }) => day.getTime());
  expect(await counted()).toHaveLength(countedDays - 1);
  expect(await counted()).not.toContain(failing.getTime());
  await db.$executeRawUnsafe(`ALTER TABLE "DailyCount" DROP CONSTRAINT failing`);
  expect(await count()).toBe(true);
  expect(await counted()).toHaveLength(countedDays);
  await countDay(dayOf(spread[0] ?? now), now, 7);
  const figures = await listDailyFigures(now);
  expect(figures.map(({ events }) => countOf(events, () => true))).toContain(50);
});
