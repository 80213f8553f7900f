import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { createMemoryStorage } from "@/e2e/support/memory-storage";
import { createMemoryStore } from "@/e2e/support/memory-token-store";
import { findRedis, startRedis, type TestRedis } from "@/e2e/support/redis";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import type { TokenTarget } from "../oidc/dialects";
import { ProofKey } from "../oidc/dpop";
import { provideEnv } from "../settings/env";
import { postgresStore } from "./postgres-store";
import { createRedisStorage } from "./redis-storage";
import type { TokenStore } from "./store";
import { type BoundedStorage, boundStorage } from "./token-storage";

const issuer = "https://company.example";
const forUserInfo: TokenTarget = { resource: "", organization: "", scope: "" };
const shop: TokenTarget = { resource: "https://shopping.example/api", organization: "", scope: "" };

interface Kept {
  store: TokenStore;
  /** A person's new session, as a sign-in leaves it. */
  newSession(): Promise<{ userId: string; sessionId: string; provider: string }>;
}

async function inMemory(): Promise<Kept> {
  return {
    store: createMemoryStore(),
    newSession: async () => ({ userId: randomUUID(), sessionId: randomUUID(), provider: "company" }),
  };
}

/** @param storage where access tokens lie that can be fetched again */
async function inPostgres(storage: BoundedStorage | null = null): Promise<Kept> {
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  provideEnv({ databaseUrl, vaultKeys: [{ id: "k1", key: randomBytes(32) }] });
  return {
    store: postgresStore(db, () => storage),
    newSession: async () => {
      const { id: userId } = await db.user.create({ data: {} });
      const later = new Date(Date.now() + 3_600_000);
      const session = await db.session.create({
        data: {
          userId,
          sessionToken: randomUUID(),
          expires: later,
          idleExpiresAt: later,
          idleSeconds: 1800,
          provider: "company",
          issuer,
          subject: "minsu",
          claims: {},
          claimsSource: "id-token",
          authTime: new Date(),
        },
      });
      return { userId, sessionId: session.id, provider: "company" };
    },
  };
}

const patient = { operationMs: 10_000, awayMs: 0 };

async function inPostgresAndMemory(): Promise<Kept> {
  return inPostgres(boundStorage(createMemoryStorage(), patient));
}

let redis: TestRedis | undefined;
let client: ReturnType<typeof createRedisStorage> | undefined;
afterAll(async () => {
  client?.close();
  await redis?.stop();
});
async function inPostgresAndRedis(): Promise<Kept> {
  redis = await startRedis();
  client = createRedisStorage(redis.url);
  return inPostgres(boundStorage(client, patient));
}

async function inPostgresAlone(): Promise<Kept> {
  // A storage that was chosen and is away.
  return inPostgres({ put: async () => false, get: async () => null, isReached: async () => false, forget: () => {} });
}

describe.each<[name: string, open: () => Promise<Kept>, isThere: boolean]>([
  ["memory", inMemory, true],
  ["PostgreSQL", () => inPostgres(), true],
  ["PostgreSQL, with tokens in memory", inPostgresAndMemory, true],
  ["PostgreSQL, with tokens in Redis", inPostgresAndRedis, findRedis() !== null],
  ["PostgreSQL, while Redis is away", inPostgresAlone, true],
])("the token store in %s", (name, open, isThere) => {
  beforeEach(({ skip }) => skip(!isThere, `${name}: there is no redis-server on this machine`));
  let kept: Kept;
  let store: TokenStore;
  beforeAll(async () => {
    if (!isThere) return;
    kept = await open();
    store = kept.store;
  });

  const expiresAt = new Date("2030-01-01T00:00:00.000Z");
  const signIn = { accessToken: "at-1", expiresAt, scope: "openid email", refreshToken: "rt-1", idToken: "id-1" };

  describe("a token got in exchange", () => {
    const target: TokenTarget = { resource: "exchange ledger abc", organization: "", scope: "" };
    const exchanged = { target, accessToken: "ex-1", expiresAt, scope: "ledger:read", proofKey: null };
    const take = (grantId: string, holder: string) => store.lease(grantId, holder, { ms: 5_000, inheritedMs: 5_000 });

    it("is asked of another provider while the grant's own is to be left alone", async () => {
      const { grantId } = await signedIn();
      const lease = await take(grantId, "a");
      if (!lease) throw new Error("There is no lease.");
      await store.release(lease, 60);
      const length = { ms: 5_000, inheritedMs: 5_000 };
      expect(await store.lease(grantId, "b", length)).toBeNull();
      expect(await store.lease(grantId, "b", { ...length, asksAnother: true })).toMatchObject({ isInherited: false });
      expect(await store.lease(grantId, "c", { ...length, asksAnother: true })).toBeNull();
    });

    it("is kept beside the others, gives the lease back, and counts as no refresh", async () => {
      const { sessionId, grantId } = await signedIn();
      const lease = await take(grantId, "a");
      if (!lease) throw new Error("There is no lease.");
      expect(await store.keep(lease, exchanged)).toBe(true);
      const view = await store.look({ sessionId }, target);
      expect(view).toMatchObject({
        refreshCount: 0,
        isLeased: false,
        token: { accessToken: "ex-1", scope: "ledger:read" },
      });
      expect((await store.look({ sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
      expect((await take(grantId, "b"))?.refreshToken).toBe("rt-1");
    });

    it("is not kept by who has lost the lease, nor for a grant that has ended, and nothing of it is left", async () => {
      const { sessionId, grantId } = await signedIn();
      const lost = await take(grantId, "a");
      if (!lost) throw new Error("There is no lease.");
      await store.release(lost, 0);
      expect(await store.keep(lost, exchanged)).toBe(false);
      const late = await take(grantId, "b");
      if (!late) throw new Error("There is no lease.");
      await store.withdraw([{ sessionId }], "signed_out");
      expect(await store.keep(late, exchanged)).toBe(false);
      expect(await store.look({ sessionId }, target)).toBeNull();
    });

    it("keeps the key that it is bound to, where the grant has none yet", async () => {
      const { sessionId, grantId } = await signedIn();
      const proofKey = await ProofKey.make();
      const lease = await take(grantId, "a");
      if (!lease) throw new Error("There is no lease.");
      expect(await store.keep(lease, { ...exchanged, proofKey })).toBe(true);
      const kept = (await store.look({ sessionId }, target))?.token?.proofKey;
      expect(await kept?.thumbprint()).toBe(await proofKey.thumbprint());
      expect((await store.look({ sessionId }, forUserInfo))?.token?.proofKey).toBeUndefined();
    });
  });

  async function signedIn(tokens: Partial<typeof signIn> | { refreshToken: null } | { proofKey: ProofKey } = {}) {
    const owner = await kept.newSession();
    await store.deposit({ ...owner, service: null, issuer }, { ...signIn, ...tokens });
    const view = await store.look({ sessionId: owner.sessionId }, forUserInfo);
    return { ...owner, grantId: view?.grantId ?? "" };
  }

  async function leased(grantId: string, holder = "a", ms = 60_000) {
    const lease = await store.lease(grantId, holder, { ms, inheritedMs: ms });
    if (!lease) throw new Error("The lease was not to be had.");
    return lease;
  }

  const renewal = (token: string, target: TokenTarget = forUserInfo) => ({
    refreshToken: "rt-2",
    idToken: null,
    grantScope: null,
    user: null,
    token: { target, accessToken: token, expiresAt, scope: "granted" },
  });

  it("gives back what a sign-in put in, and nothing of a session that has none", async () => {
    const { sessionId, grantId } = await signedIn();
    expect(await store.look({ sessionId }, forUserInfo)).toEqual({
      grantId,
      scope: "openid email",
      subject: null,
      isRefreshable: true,
      isLeased: false,
      retryAfterSeconds: 0,
      refreshCount: 0,
      renewedMsAgo: expect.any(Number),
      token: { accessToken: "at-1", expiresAt, scope: "openid email", ageMs: expect.any(Number) },
    });
    expect((await store.look({ sessionId }, shop))?.token).toBeNull();
    expect(await store.findScope({ sessionId })).toBe("openid email");
    expect(await store.look({ sessionId: randomUUID() }, forUserInfo)).toBeNull();
    expect(await store.findScope({ sessionId: randomUUID() })).toBeNull();
  });

  it("lends a grant to one holder at a time, however many ask at once", async () => {
    const { sessionId, grantId } = await signedIn();
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.lease(grantId, `holder-${n}`, { ms: 60_000, inheritedMs: 60_000 })),
    );
    const [lease, ...others] = asked.filter((one) => one !== null);
    expect(others).toEqual([]);
    expect(lease).toMatchObject({ grantId, refreshCount: 0, refreshToken: "rt-1", isInherited: false });
    expect((await store.look({ sessionId }, forUserInfo))?.isLeased).toBe(true);
  });

  it("lends it to another once the lease is over, given back or published", async () => {
    const { sessionId, grantId } = await signedIn();
    await leased(grantId, "crashed", 1);
    await vi.waitFor(async () => expect((await store.look({ sessionId }, forUserInfo))?.isLeased).toBe(false));
    const second = await leased(grantId, "b");
    expect(second.isInherited).toBe(true);
    await store.release(second, 0);
    const third = await leased(grantId, "c");
    expect(third.isInherited).toBe(false);
    expect(await store.publish(third, renewal("at-2"))).toBe(true);
    expect(await leased(grantId, "d")).toMatchObject({ refreshCount: 1, refreshToken: "rt-2" });
  });

  it("keeps a grant without a refresh token, and says so", async () => {
    const { sessionId, grantId } = await signedIn({ refreshToken: null });
    expect((await store.look({ sessionId }, forUserInfo))?.isRefreshable).toBe(false);
    expect((await leased(grantId)).refreshToken).toBeNull();
  });

  it("publishes both tokens together, one token for each target", async () => {
    const { sessionId, grantId } = await signedIn();
    expect(await store.publish(await leased(grantId), renewal("shop-1", shop))).toBe(true);
    expect(await store.publish(await leased(grantId), renewal("shop-2", shop))).toBe(true);
    expect(await store.look({ sessionId }, shop)).toMatchObject({
      isLeased: false,
      refreshCount: 2,
      token: { accessToken: "shop-2", scope: "granted" },
    });
    expect((await store.look({ sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
    const narrowed = { ...shop, scope: "shopping:read" };
    expect((await store.look({ sessionId }, narrowed))?.token).toBeNull();
  });

  it("keeps a new refresh token that came without a usable access token, the new scope and the new ID token", async () => {
    const { sessionId, grantId } = await signedIn();
    const came = { refreshToken: "rt-9", idToken: "id-9", grantScope: "openid", user: null, token: null };
    expect(await store.publish(await leased(grantId), came)).toBe(true);
    expect((await store.look({ sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
    expect(await store.findScope({ sessionId })).toBe("openid");
    expect(await store.withdraw([{ sessionId }], "signed_out")).toMatchObject([
      { refreshToken: "rt-9", idToken: "id-9" },
    ]);
  });

  it("keeps a grant's key, gives it with the tokens that are bound to it alone, and forgets it with the grant", async () => {
    const [proofKey, thumbprint] = [await ProofKey.make(), (key?: ProofKey | null) => key?.thumbprint()];
    const { sessionId, grantId } = await signedIn();
    const first = await leased(grantId);
    expect(first.proofKey).toBeNull();
    await store.release(first, 0);
    expect(await store.publish(await leased(grantId, "c"), { ...renewal("shop-1", shop), proofKey })).toBe(true);
    const tokenFor = async (target: TokenTarget) => (await store.look({ sessionId }, target))?.token;
    expect(await thumbprint((await tokenFor(shop))?.proofKey)).toBe(await proofKey.thumbprint());
    expect((await tokenFor(forUserInfo))?.proofKey).toBeUndefined();
    const lease = await leased(grantId, "d");
    expect(await thumbprint(lease.proofKey)).toBe(await proofKey.thumbprint());
    // A token of the same target that is bound to nothing takes its place; the key stays for others.
    expect(await store.publish(lease, renewal("shop-2", shop))).toBe(true);
    expect(await tokenFor(shop)).toMatchObject({ accessToken: "shop-2" });
    expect((await tokenFor(shop))?.proofKey).toBeUndefined();
    const last = await leased(grantId, "e");
    expect(last.proofKey).not.toBeNull();
    const deposited = await signedIn({ proofKey });
    const kept = (await store.look({ sessionId: deposited.sessionId }, forUserInfo))?.token?.proofKey;
    expect(await thumbprint(kept)).toBe(await proofKey.thumbprint());
  });

  it("lets the first of two who refreshed publish: one who was stopped past its lease comes too late", async () => {
    const { sessionId, grantId } = await signedIn();
    const stopped = await leased(grantId, "stopped", 1);
    await vi.waitFor(async () => expect((await store.look({ sessionId }, forUserInfo))?.isLeased).toBe(false));
    const faster = await leased(grantId, "faster");
    expect(await store.publish(faster, renewal("faster"))).toBe(true);
    expect(await store.publish(stopped, renewal("stopped"))).toBe(false);
    expect(await store.end(stopped, "invalid_grant")).toBe(false);
    await store.release(stopped, 60);
    expect(await store.look({ sessionId }, forUserInfo)).toMatchObject({
      retryAfterSeconds: 0,
      token: { accessToken: "faster" },
    });
  });

  it("remembers for how long the provider is to be left alone, and lends to nobody until then", async () => {
    const { sessionId, grantId } = await signedIn();
    await store.release(await leased(grantId), 60);
    const { retryAfterSeconds } = (await store.look({ sessionId }, forUserInfo)) ?? { retryAfterSeconds: 0 };
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(await store.lease(grantId, "eager", { ms: 60_000, inheritedMs: 60_000 })).toBeNull();
  });

  it("ends a grant for good; only its ID token is left, for signing out at the provider", async () => {
    const { sessionId, grantId } = await signedIn();
    await store.keepUserInfo({ sessionId }, { sub: "minsu" });
    const lease = await leased(grantId);
    expect(await store.end(lease, "invalid_grant")).toBe(true);
    expect(await store.look({ sessionId }, forUserInfo)).toBeNull();
    expect(await store.lease(grantId, "b", { ms: 60_000, inheritedMs: 60_000 })).toBeNull();
    expect(await store.publish(lease, renewal("late"))).toBe(false);
    expect(await store.findUserInfo({ sessionId }, 60)).toBeNull();
    const [left, ...more] = await store.withdraw([{ sessionId }], "signed_out");
    expect([left, more]).toEqual([
      expect.objectContaining({ sessionId, provider: "company", refreshToken: null, idToken: "id-1" }),
      [],
    ]);
    expect(await store.withdraw([{ sessionId }], "signed_out")).toEqual([]);
  });

  it("lets nobody end a grant whose lease is another's by now", async () => {
    const { sessionId, grantId } = await signedIn();
    const stopped = await leased(grantId, "stopped", 1);
    await vi.waitFor(async () => expect((await store.look({ sessionId }, forUserInfo))?.isLeased).toBe(false));
    const holder = await leased(grantId, "holder");
    expect(await store.end(stopped, "invalid_grant")).toBe(false);
    expect(await store.publish(holder, renewal("at-2"))).toBe(true);
  });

  it("forgets the token of a target that the provider refuses, and no other", async () => {
    const { sessionId, grantId } = await signedIn();
    await store.publish(await leased(grantId), renewal("shop-1", shop));
    await store.refuse(await leased(grantId), shop);
    expect(await store.look({ sessionId }, shop)).toMatchObject({ isLeased: false, token: null });
    expect((await store.look({ sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
  });

  it("withdraws the grants of some sessions, once, and no other's", async () => {
    const [first, second, other] = [await signedIn(), await signedIn(), await signedIn()];
    const lease = await leased(first.grantId);
    const withdrawn = await store.withdraw(
      [first, second].map(({ sessionId }) => ({ sessionId })),
      "signed_out",
    );
    expect(withdrawn.map(({ sessionId }) => sessionId).sort()).toEqual([first.sessionId, second.sessionId].sort());
    expect(withdrawn.every(({ refreshToken, idToken }) => refreshToken === "rt-1" && idToken === "id-1")).toBe(true);
    // A refresh that was in the air cannot bring it back.
    expect(await store.publish(lease, renewal("late"))).toBe(false);
    expect(await store.look({ sessionId: first.sessionId }, forUserInfo)).toBeNull();
    expect((await store.look({ sessionId: other.sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
    expect(
      await store.withdraw(
        [first, second].map(({ sessionId }) => ({ sessionId })),
        "signed_out",
      ),
    ).toEqual([]);
  });

  it("gives back what userinfo said while that is fresh", async () => {
    const { sessionId } = await signedIn();
    expect(await store.findUserInfo({ sessionId }, 60)).toBeNull();
    await store.keepUserInfo({ sessionId }, { sub: "minsu", custom_data: { theme: "dark" }, name: null });
    expect(await store.findUserInfo({ sessionId }, 60)).toEqual({
      sub: "minsu",
      custom_data: { theme: "dark" },
      name: null,
    });
    expect(await store.findUserInfo({ sessionId }, 0)).toBeNull();
    expect(await store.findUserInfo({ sessionId: randomUUID() }, 60)).toBeNull();
  });

  async function connected(service = "notes", { issuer: by = "https://notes.example", ...who }: Connected = {}) {
    const { userId } = who.userId ? { userId: who.userId } : await kept.newSession();
    const grant = { userId, sessionId: null, service, provider: `service:${service}`, issuer: by, subject: "n-minsu" };
    await store.deposit(grant, { ...signIn, accessToken: `${service}-1`, scope: "notes:read" });
    return { userId, service };
  }

  it("keeps what a person connected by person and service, and knows whom the service named", async () => {
    const notes = await connected();
    await connected("photos", notes);
    expect(await store.look(notes, forUserInfo)).toMatchObject({
      scope: "notes:read",
      subject: "n-minsu",
      isRefreshable: true,
      token: { accessToken: "notes-1" },
    });
    const photos = await store.look({ ...notes, service: "photos" }, forUserInfo);
    expect(photos?.token?.accessToken).toBe("photos-1");
    expect(await store.findScope(notes)).toBe("notes:read");
    for (const other of [
      { ...notes, userId: randomUUID() },
      { ...notes, service: "mail" },
    ]) {
      expect([await store.look(other, forUserInfo), await store.findScope(other)]).toEqual([null, null]);
    }
  });

  it("shows a connection to the issuer that gave it, and to no other", async () => {
    const notes = await connected("notes", { issuer: "https://former.example" });
    const [former, later] = ["https://former.example", "https://later.example"].map((by) => ({ ...notes, issuer: by }));
    if (!former || !later) throw new Error("There are two.");
    expect((await store.look(former, forUserInfo))?.token?.accessToken).toBe("notes-1");
    expect([await store.look(later, forUserInfo), await store.findScope(later)]).toEqual([null, null]);
    expect(await store.withdraw([later], "disconnected")).toEqual([]);
    // Whoever connects again ends it, whoever gave it.
    expect(await store.withdraw([notes], "replaced")).toMatchObject([{ issuer: "https://former.example" }]);
  });

  it("has one living connection a person and service", async () => {
    const notes = await connected();
    await expect(connected("notes", notes)).rejects.toThrow();
    expect((await store.look(notes, forUserInfo))?.token?.accessToken).toBe("notes-1");
    await store.withdraw([notes], "replaced");
    await connected("notes", notes);
    expect(await store.look(notes, forUserInfo)).toMatchObject({ refreshCount: 0 });
    // Another person's, and a session's of the same one, are none of its business.
    await connected();
    await signedIn();
  });

  it("renews a connection under its lease, and ends it when the service says so", async () => {
    const notes = await connected();
    const { grantId = "" } = (await store.look(notes, forUserInfo)) ?? {};
    expect(await store.publish(await leased(grantId), renewal("notes-2"))).toBe(true);
    expect((await store.look(notes, forUserInfo))?.token?.accessToken).toBe("notes-2");
    expect(await store.end(await leased(grantId), "invalid_grant")).toBe(true);
    expect(await store.look(notes, forUserInfo)).toBeNull();
    await connected("notes", notes);
    expect((await store.look(notes, forUserInfo))?.token?.accessToken).toBe("notes-1");
  });

  it("leaves connections alone when sessions end, and sessions when a connection does", async () => {
    const session = await signedIn();
    const notes = await connected("notes", session);
    const photos = await connected("photos", session);
    await store.withdraw([{ sessionId: session.sessionId }], "signed_out");
    expect((await store.look(notes, forUserInfo))?.token?.accessToken).toBe("notes-1");
    const later = await signedIn();
    expect(await store.withdraw([notes, { sessionId: session.sessionId }], "disconnected")).toEqual([
      expect.objectContaining({ sessionId: null, provider: "service:notes", refreshToken: "rt-1" }),
    ]);
    expect(await store.look(notes, forUserInfo)).toBeNull();
    expect((await store.look(photos, forUserInfo))?.token?.accessToken).toBe("photos-1");
    expect((await store.look({ sessionId: later.sessionId }, forUserInfo))?.token?.accessToken).toBe("at-1");
  });
});

interface Connected {
  userId?: string;
  issuer?: string;
}
