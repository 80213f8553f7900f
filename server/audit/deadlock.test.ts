import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { lockUser } from "../sessions/registry/end-sessions";
import { provideEnv } from "../settings/env";
import { audited } from "./audit";

beforeAll(async () => {
  provideEnv({ databaseUrl: await createTestDatabase(inject("servers").postgresUrl) });
});
afterAll(() => db.$disconnect());

it("of two that wait for each other, whichever is undone runs again, in a statement of ours as in one of Prisma's", async () => {
  const users = [await db.user.create({ data: {} }), await db.user.create({ data: {} })] as const;
  const [first, second] = users.map(({ id }) => id) as [string, string];
  let arrived = 0;
  let letBothGo = () => {};
  const both = new Promise<void>((resolve) => {
    letBothGo = resolve;
  });
  const attempts: string[] = [];
  const lockInOrder = (one: string, other: string) =>
    audited(async (tx) => {
      attempts.push(one);
      await lockUser(tx, one);
      arrived += 1;
      if (arrived === 2) letBothGo();
      await both;
      await lockUser(tx, other);
      return one;
    });
  expect(await Promise.all([lockInOrder(first, second), lockInOrder(second, first)])).toEqual([first, second]);
  expect(attempts.length).toBeGreaterThan(2);
});
