import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { createMemoryStorage } from "@/e2e/support/memory-storage";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import type { TokenTarget } from "../oidc/dialects";
import { provideEnv } from "../settings/env";
import { VaultError } from "./errors";
import { postgresStore } from "./postgres-store";
import { boundStorage } from "./token-storage";

const target: TokenTarget = { resource: "", organization: "", scope: "" };
const expiresAt = new Date(Date.now() + 3_600_000);
const signIn = { accessToken: "at-1", expiresAt, scope: "openid", refreshToken: "rt-1", idToken: "id-1" };

const kept = new Map<string, { sealed: string; until: number }>();
let isAway = false;
const memory = createMemoryStorage(kept);
const away = () => Promise.reject(new Error("away"));
const storage = boundStorage(
  {
    put: (...value) => (isAway ? away() : memory.put(...value)),
    get: (id) => (isAway ? away() : memory.get(id)),
    remove: (ids) => (isAway ? away() : memory.remove(ids)),
  },
  { operationMs: 5_000, awayMs: 0 },
);
const store = postgresStore(db, () => storage);

let settings: { databaseUrl: string; vaultKeys: { id: string; key: Buffer }[] };
beforeAll(async () => {
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  settings = provideEnv({ databaseUrl, vaultKeys: [{ id: "k1", key: randomBytes(32) }] });
});
beforeEach(() => {
  kept.clear();
  isAway = false;
});

async function signedIn(tokens: Partial<Record<keyof typeof signIn, unknown>> = {}) {
  const { id: userId } = await db.user.create({ data: {} });
  const grant = {
    userId,
    sessionId: null,
    service: "notes",
    provider: "service:notes",
    issuer: "https://notes.example",
  };
  await store.deposit(grant, { ...signIn, ...(tokens as object) });
  const owner = { userId, service: "notes" };
  return { owner, view: await store.look(owner, target) };
}

const rowsOf = (userId: string) =>
  db.accessToken.findMany({ where: { grant: { userId } }, select: { id: true, sealedToken: true } });

async function refreshed(grantId: string, accessToken: string) {
  const lease = await store.lease(grantId, randomUUID(), { ms: 60_000, inheritedMs: 60_000 });
  if (!lease) throw new Error("The lease was not to be had.");
  const token = { target, accessToken, expiresAt, scope: "openid" };
  const renewal = { refreshToken: "rt-2", idToken: null, grantScope: null, user: null, token };
  return store.publish(lease, renewal);
}

describe("an access token that lies elsewhere", () => {
  it("lies there sealed, under its row's id, and the row has nothing that opens anything", async () => {
    const { owner, view } = await signedIn();
    const [row] = await rowsOf(owner.userId);
    expect([row?.sealedToken, [...kept.keys()], view?.token?.accessToken]).toEqual([null, [row?.id], "at-1"]);
    const { sealed = "" } = kept.get(row?.id ?? "") ?? {};
    expect(sealed).toMatch(/^v2\.k1\./);
    expect(sealed).not.toContain("at-1");
  });

  it("stays in its row where there is no refresh token to get another with", async () => {
    const { owner, view } = await signedIn({ refreshToken: null });
    expect([kept.size, view?.token?.accessToken]).toEqual([0, "at-1"]);
    expect((await rowsOf(owner.userId))[0]?.sealedToken).toMatch(/^v2\./);
  });

  it("that is lost leaves the grant alive, to get another with", async () => {
    const { owner, view } = await signedIn();
    kept.clear();
    const later = await store.look(owner, target);
    expect(later).toMatchObject({ isRefreshable: true, isLeased: false, token: null });
    expect(await refreshed(view?.grantId ?? "", "at-2")).toBe(true);
    expect((await store.look(owner, target))?.token?.accessToken).toBe("at-2");
  });

  it("comes while the storage is away goes into its row, and is found there", async () => {
    const { owner, view } = await signedIn();
    isAway = true;
    expect((await store.look(owner, target))?.token).toBeNull();
    expect(await refreshed(view?.grantId ?? "", "at-2")).toBe(true);
    expect((await store.look(owner, target))?.token?.accessToken).toBe("at-2");
    isAway = false;
    expect((await store.look(owner, target))?.token?.accessToken).toBe("at-2");
  });

  it("is forgotten with its grant, and is of no use before, since nobody finds it", async () => {
    const { owner } = await signedIn();
    expect(kept.size).toBe(1);
    await store.withdraw([owner], "disconnected");
    expect(await store.look(owner, target)).toBeNull();
    await vi.waitFor(() => expect(kept.size).toBe(0));
    const other = await signedIn();
    isAway = true;
    await store.withdraw([other.owner], "disconnected");
    isAway = false;
    expect([kept.size, await store.look(other.owner, target)]).toEqual([1, null]);
  });

  it("is forgotten where its refresh came too late", async () => {
    const { owner, view } = await signedIn();
    const lease = await store.lease(view?.grantId ?? "", "late", { ms: 60_000, inheritedMs: 60_000 });
    await store.withdraw([owner], "disconnected");
    const token = { target, accessToken: "at-late", expiresAt, scope: "openid" };
    const renewal = { refreshToken: "rt-2", idToken: null, grantScope: null, user: null, token };
    if (lease) expect(await store.publish(lease, renewal)).toBe(false);
    await vi.waitFor(() => expect(kept.size).toBe(0));
  });

  it.each<[what: string, of: (sealed: string, others: string) => string]>([
    ["another's", (_, others) => others],
    ["changed", (sealed) => `${sealed.slice(0, -1)}${sealed.endsWith("A") ? "B" : "A"}`],
    ["cut", (sealed) => sealed.slice(0, -30)],
    ["what nobody sealed", () => "nonsense"],
    ["nothing", () => ""],
  ])("that is %s opens for nobody, is written down at each look, and is fetched again", async (_, of) => {
    const [first, second] = [await signedIn(), await signedIn()];
    const [one, two] = [...kept.keys()] as [string, string];
    const [mine, theirs] = [kept.get(one), kept.get(two)];
    if (!mine || !theirs) throw new Error("There are two.");
    kept.set(one, { ...mine, sealed: of(mine.sealed, theirs.sealed) });
    const written = () =>
      db.auditEvent.count({ where: { event: "security.ciphertext", reason: null, detail: { equals: place } } });
    const place = { table: "AccessToken", column: "token", row: one };
    for (const looks of [1, 2]) {
      expect(await store.look(first.owner, target)).toMatchObject({
        isRefreshable: true,
        isLeased: false,
        token: null,
      });
      expect(await written()).toBe(looks);
    }
    expect(await refreshed(first.view?.grantId ?? "", "at-2")).toBe(true);
    expect((await store.look(first.owner, target))?.token?.accessToken).toBe("at-2");
    expect((await store.look(second.owner, target))?.token?.accessToken).toBe("at-1");
  });

  it("under a key that is no more is fetched again", async () => {
    const { owner } = await signedIn();
    const [former] = settings.vaultKeys;
    provideEnv({ ...settings, vaultKeys: [{ id: "k2", key: randomBytes(32) }] });
    expect(await store.look(owner, target)).toMatchObject({ isRefreshable: true, token: null });
    provideEnv({ ...settings, vaultKeys: [former as { id: string; key: Buffer }] });
  });

  it("and is in its row after all has to open there: nothing is got behind its owner's back", async () => {
    const { owner } = await signedIn({ refreshToken: null });
    const other = await signedIn({ refreshToken: null });
    const [theirs] = await rowsOf(other.owner.userId);
    await db.accessToken.updateMany({
      where: { grant: { userId: owner.userId } },
      data: { sealedToken: theirs?.sealedToken ?? "" },
    });
    await expect(store.look(owner, target)).rejects.toThrow(VaultError);
  });
});
