import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import type { ConnectableService } from "../services/service-provider";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { postgresStore } from "../tokens/postgres-store";
import { importedId, planUser } from "./plan-user";
import type { SourceUser } from "./source";
import { importUser, judgeUser } from "./write-users";

const standard = standardProvider as unknown as ProviderSettings;
const company: ProviderSettings = { ...standard, id: "only", issuer: "https://i.example", formerIssuer: null };
const notes: ConnectableService = {
  id: "notes",
  name: "Notes",
  baseUrl: "https://notes.example",
  client: { clientId: "daemun", clientSecret: "a secret", issuer: "https://id.notes.example" },
  authentication: { kind: "client", scopes: ["notes:read"] },
};

beforeAll(async () => {
  provideEnv({
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    providers: [company],
    services: [notes],
    vaultKeys: [{ id: "k1", key: randomBytes(32) }],
    vaultSealVersion: 2,
  });
});
afterAll(() => db.$disconnect());
beforeEach(async () => {
  await db.user.deleteMany({});
});

const actor = { kind: "terminal", login: "operator" } as const;
const minsu: SourceUser = {
  id: "7",
  name: "Minsu",
  email: "minsu@company.example",
  emailVerified: new Date(0),
  image: null,
  createdAt: new Date(1_000),
  isBanned: false,
  accounts: ["only", "github"].map((provider) => ({
    provider,
    subject: `at-${provider}`,
    accessToken: `an access token of ${provider}`,
    accessTokenExpiresAt: new Date(Date.now() + 3_600_000),
    refreshToken: `a refresh token of ${provider}`,
    idToken: null,
    scope: "repo",
  })),
};
const partner: ProviderSettings = { ...company, id: "partner", issuer: "https://partner.example" };
const [own] = minsu.accounts as [SourceUser["accounts"][number]];
const mapping = (services: [string, ConnectableService][] = []) => ({
  providers: new Map([["only", company]]),
  services: new Map(services),
  assumed: new Set<string>(),
  source: null,
  earlier: new Set<string>(),
});
const userId = importedId("7");

it("tokens are sealed as a connection where that was asked for, and nothing is kept of the others", async () => {
  const planned = planUser(minsu, mapping([["github", notes]]));
  const done = { kind: "imported", accounts: 1, connections: 1, unlinked: 0, isAddressTaken: false };
  expect(await judgeUser(planned)).toEqual(done);
  expect(await db.user.count()).toBe(0);
  expect(await importUser(planned, { actor })).toEqual(done);
  const rows = await db.$queryRaw<{ text: string }[]>`
    SELECT t::text AS text FROM "Grant" t UNION ALL SELECT t::text AS text FROM "AccessToken" t`;
  expect(rows).toHaveLength(2);
  for (const { text } of rows) expect(text).not.toMatch(/an? (?:access|refresh) token/);
  const view = await postgresStore().look({ userId, service: "notes" }, { resource: "", organization: "", scope: "" });
  expect(view).toMatchObject({
    scope: "repo",
    isRefreshable: true,
    subject: "at-github",
    token: { accessToken: "an access token of github" },
  });
});

it("an import that learns more completes whom it brought, and leaves alone what they have become", async () => {
  await importUser(planUser(minsu, mapping()), { actor });
  await db.user.update({ where: { id: userId }, data: { name: "Renamed", email: "other@company.example" } });
  const more = planUser(minsu, mapping([["github", notes]]));
  expect(await importUser(more, { actor })).toMatchObject({ kind: "completed", accounts: 0, connections: 1 });
  expect(await importUser(more, { actor })).toEqual({ kind: "known", unlinked: 0 });
  expect(await db.user.findMany()).toMatchObject([{ id: userId, name: "Renamed", email: "other@company.example" }]);
});

it("whoever was banned is disabled, and whoever is here already is left alone", async () => {
  const banned = planUser({ ...minsu, isBanned: true }, mapping());
  await importUser(banned, { actor });
  expect(await db.user.findMany()).toMatchObject([
    { email: "minsu@company.example", disabledAt: expect.any(Date), createdAt: new Date(1_000) },
  ]);
  const twin = planUser({ ...minsu, id: "8" }, mapping());
  expect(await importUser(twin, { actor })).toEqual({ kind: "left_out", reason: "identity_taken" });
  const namesake = planUser(
    { ...minsu, id: "9", accounts: minsu.accounts.map((own) => ({ ...own, subject: "s-9" })) },
    mapping(),
  );
  expect(await importUser(namesake, { actor })).toMatchObject({ kind: "imported", isAddressTaken: true });
  expect(await db.user.findUnique({ where: { id: importedId("9") } })).toMatchObject({ email: null });
});

it("whoever has the id of somebody here, and none of their accounts, is a stranger: nothing of them is written", async () => {
  await importUser(planUser(minsu, mapping()), { actor });
  const accounts = minsu.accounts.map((own) => ({ ...own, subject: "a stranger's" }));
  const stranger = { ...minsu, email: "stranger@company.example", accounts };
  const planned = planUser(stranger, mapping([["github", notes]]));
  expect(await judgeUser(planned)).toEqual({ kind: "left_out", reason: "id_taken" });
  expect(await importUser(planned, { actor })).toEqual({ kind: "left_out", reason: "id_taken" });
  expect(await db.account.findMany()).toMatchObject([{ userId, providerAccountId: "at-only" }]);
  expect(await db.grant.count()).toBe(0);
  const named = planUser(stranger, { ...mapping(), source: "the other database" });
  expect(await importUser(named, { actor })).toMatchObject({ kind: "imported", accounts: 1 });
  expect(await db.user.count()).toBe(2);
});

it("what a user has taken away here does not come back with another import", async () => {
  const both = { ...mapping([["notes", notes]]), providers: new Map([company, partner].map((one) => [one.id, one])) };
  const accounts = ["only", "partner", "notes"].map((provider) => ({ ...own, provider, subject: `at-${provider}` }));
  const planned = planUser({ ...minsu, accounts }, both);
  expect(await importUser(planned, { actor })).toMatchObject({ kind: "imported", accounts: 2, connections: 1 });
  await db.account.deleteMany({ where: { provider: "partner" } });
  await db.grant.deleteMany({});
  await db.auditEvent.createMany({
    data: [
      { event: "account.unlinked", outcome: "success", userId, provider: "partner", detail: { sub: "at-partner" } },
      { event: "service.disconnected", outcome: "success", userId, provider: "notes", detail: { service: "notes" } },
    ],
  });
  expect(await importUser(planned, { actor })).toEqual({ kind: "known", unlinked: 2 });
  expect(await db.account.findMany()).toMatchObject([{ provider: "only" }]);
  expect(await db.grant.count()).toBe(0);
});

it("whoever an earlier run has brought, and who is gone, stays gone", async () => {
  const earlier = { ...mapping(), earlier: new Set(["7"]) };
  await importUser(planUser(minsu, mapping()), { actor });
  expect(await importUser(planUser(minsu, earlier), { actor })).toEqual({ kind: "known", unlinked: 0 });
  await db.user.delete({ where: { id: userId } });
  expect(await importUser(planUser(minsu, earlier), { actor })).toEqual({ kind: "left_out", reason: "deleted" });
  expect(await importUser(planUser({ ...minsu, id: "8" }, earlier), { actor })).toMatchObject({ kind: "imported" });
  expect(await db.user.count()).toBe(1);
});

it("a service that its user connects while they are imported once more is theirs already, and nothing fails", async () => {
  // Of whom the trail knows nothing that they have taken away.
  const other = { ...minsu, id: "9" };
  await importUser(planUser(other, mapping()), { actor });
  const more = planUser(other, mapping([["github", notes]]));
  const isWaiting = async () => {
    const [found] = await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE "wait_event_type" = 'Lock' AND datname = current_database()`;
    return (found?.count ?? 0) > 0;
  };
  let importing: ReturnType<typeof importUser> | undefined;
  await db.$transaction(async (tx) => {
    const owner = {
      userId: importedId("9"),
      sessionId: null,
      service: "notes",
      provider: "notes",
      issuer: "https://id.notes.example",
    };
    const tokens = { accessToken: "a", expiresAt: new Date(Date.now() + 60_000), scope: "notes:read" };
    await postgresStore(tx).deposit(owner, { ...tokens, refreshToken: "r", idToken: null });
    importing = importUser(more, { actor });
    await vi.waitUntil(isWaiting, { timeout: 6_000 });
  });
  expect(await importing).toEqual({ kind: "known", unlinked: 0 });
});
