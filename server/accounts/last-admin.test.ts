import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import type { Actor } from "./actor";
import { deleteUser } from "./delete-user";
import { disableUser } from "./disable-user";
import { grantAdmin, revokeAdmin } from "./name-admin";

beforeAll(async () => {
  provideEnv({
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    providers: [{ id: "company" } as ProviderSettings],
    services: [],
    adminSubjects: [{ provider: "company", subject: "named" }],
  });
});
afterAll(() => db.$disconnect());
beforeEach(async () => {
  await db.user.deleteMany({});
});

const terminal = { kind: "terminal", login: "operator" } as const;
const asAdmin = (userId: string): Actor => ({ kind: "admin", userId, sessionHash: "hash" });

async function addUser({ subject = crypto.randomUUID(), roles }: { subject?: string; roles?: string[] } = {}) {
  const later = new Date(Date.now() + 3_600_000);
  const { id } = await db.user.create({
    data: {
      accounts: {
        create: { type: "oidc", provider: "company", providerAccountId: subject, issuer: "https://c.example" },
      },
      ...(roles && {
        sessions: {
          create: {
            ...{ sessionToken: crypto.randomUUID(), expires: later, idleExpiresAt: later, idleSeconds: 1800 },
            ...{
              provider: "company",
              issuer: "https://c.example",
              subject,
              claims: {},
              claimsSource: "id-token",
              roles,
            },
            ...{ authTime: new Date(), amr: [] },
          },
        },
      }),
    },
  });
  return id;
}

const refused = { kind: "refused", code: "last_admin" };

it("the last administrator stays, however they were named, and whoever takes them away", async () => {
  for (const facts of [{ subject: "named" }, { roles: ["admin"] }, {}]) {
    const id = await addUser(facts);
    if (Object.keys(facts).length === 0) await grantAdmin(id, { actor: terminal });
    expect(await disableUser(id, { actor: terminal })).toEqual(refused);
    expect(await deleteUser(id, { actor: { kind: "self", sessionHash: "hash" }, graceDays: 14 })).toEqual(refused);
    // Somebody whose role was taken away in between.
    expect(await disableUser(id, { actor: asAdmin(await addUser()) })).toEqual(refused);
    await db.user.deleteMany({});
  }
});

it("an administrator is taken away while another stays, and a user who is none at any time", async () => {
  const [one, other, plain] = [
    await addUser({ roles: ["admin"] }),
    await addUser({ subject: "named" }),
    await addUser({ roles: ["member"] }),
  ];
  expect(await disableUser(plain, { actor: terminal })).toMatchObject({ kind: "done" });
  expect(await disableUser(one, { actor: asAdmin(one) })).toEqual(refused);
  expect(await disableUser(one, { actor: asAdmin(other) })).toMatchObject({ kind: "done" });
  expect(await disableUser(other, { actor: terminal })).toEqual(refused);
});

it("of administrators who take each other away at once, one stays", async () => {
  const ids = await Promise.all([0, 1, 2, 3].map(() => addUser({ roles: ["admin"] })));
  const outcomes = await Promise.all(
    ids.map((id, at) => disableUser(ids[(at + 1) % ids.length] as string, { actor: asAdmin(id) })),
  );
  expect(outcomes.filter(({ kind }) => kind === "refused").length).toBeGreaterThan(0);
  expect(await db.user.count({ where: { disabledAt: null } })).toBeGreaterThan(0);
});

it("who was named by an operator is none any more when that is taken back, unless nobody else is left", async () => {
  const [one, other] = [await addUser(), await addUser()];
  expect(await grantAdmin(one, { actor: terminal })).toEqual({ kind: "done" });
  expect(await grantAdmin(one, { actor: terminal })).toEqual({ kind: "unchanged" });
  expect(await revokeAdmin(one, { actor: terminal })).toEqual(refused);
  await grantAdmin(other, { actor: terminal });
  expect(await revokeAdmin(one, { actor: terminal })).toEqual({ kind: "done" });
  expect(await revokeAdmin(one, { actor: terminal })).toEqual({ kind: "unchanged" });
  const acts = await db.auditEvent.findMany({ where: { userId: one }, orderBy: { id: "asc" } });
  expect(acts.map(({ event, detail }) => [event, (detail as { act: string }).act])).toEqual([
    ["admin.action", "grant_admin"],
    ["admin.action", "revoke_admin"],
  ]);
});
