import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { createTestDatabase } from "../../dev/test-database";
import { db } from "../db/client";
import { lockPerson } from "../sessions/lock-person";
import { audited } from "./audit";

const settings = vi.hoisted(() => ({ databaseUrl: "" }));
vi.mock("../env", () => ({ env: () => settings }));

beforeAll(async () => {
  settings.databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
});
afterAll(() => db.$disconnect());

it("of two that wait for each other, whichever is undone runs again, in a statement of ours as in one of Prisma's", async () => {
  const people = [await db.user.create({ data: {} }), await db.user.create({ data: {} })] as const;
  const [first, second] = people.map(({ id }) => id) as [string, string];
  let arrived = 0;
  let letBothGo = () => {};
  const both = new Promise<void>((resolve) => {
    letBothGo = resolve;
  });
  const attempts: string[] = [];
  const lockInTurn = (one: string, other: string) =>
    audited(async (tx) => {
      attempts.push(one);
      await lockPerson(tx, one);
      arrived += 1;
      if (arrived === 2) letBothGo();
      await both;
      await lockPerson(tx, other);
      return one;
    });
  expect(await Promise.all([lockInTurn(first, second), lockInTurn(second, first)])).toEqual([first, second]);
  expect(attempts.length).toBeGreaterThan(2);
});
