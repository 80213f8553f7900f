import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { provideEnv } from "../settings/env";
import { db } from "./client";
import { deleteExpired } from "./delete-expired";

let client: pg.Client;
beforeAll(async () => {
  const { databaseUrl } = provideEnv({ databaseUrl: await createTestDatabase(inject("servers").postgresUrl) });
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});

const hourAgo = new Date(Date.now() - 3_600_000);

it("passes over a row that somebody holds, and waits for nobody", async () => {
  const data = ["a", "b", "c"].map((stateHash) => ({ stateHash, expiresAt: hourAgo }));
  await db.spentState.createMany({ data });
  await client.query("BEGIN");
  await client.query(`SELECT 1 FROM "SpentState" WHERE "stateHash" = 'a' FOR UPDATE`);
  expect(await deleteExpired("SpentState", new Date(), 100)).toBe(2);
  await client.query("COMMIT");
  expect(await db.spentState.findMany({ select: { stateHash: true } })).toEqual([{ stateHash: "a" }]);
  expect(await deleteExpired("SpentState", new Date(), 100)).toBe(1);
});

it("leaves a session whose end nobody has written down yet, however old, and takes those behind it", async () => {
  const { id: userId } = await db.user.create({ data: {} });
  const session = { userId, idleSeconds: 60, provider: "company", issuer: "x", subject: "x", claims: {} };
  const at = (expires: Date) => ({ expires, idleExpiresAt: expires, authTime: expires, claimsSource: "id-token" });
  const dayAgo = new Date(Date.now() - 86_400_000);
  await db.session.create({ data: { ...session, ...at(dayAgo), sessionToken: "open" } });
  await db.session.create({ data: { ...session, ...at(hourAgo), sessionToken: "ended", endedAt: hourAgo } });
  expect(await deleteExpired("Session", new Date(), 1)).toBe(1);
  expect(await db.session.findMany({ select: { sessionToken: true } })).toEqual([{ sessionToken: "open" }]);
});
