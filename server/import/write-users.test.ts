import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
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
const mapping = (services: [string, ConnectableService][] = []) => ({
  providers: new Map([["only", company]]),
  services: new Map(services),
});
const userId = importedId("7");

it("tokens are sealed as a connection where that was asked for, and nothing is kept of the others", async () => {
  const planned = planUser(minsu, mapping([["github", notes]]));
  const done = { kind: "imported", accounts: 1, connections: 1, isAddressTaken: false };
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
  expect(await importUser(more, { actor })).toEqual({ kind: "known" });
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
