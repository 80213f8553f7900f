import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMemoryStore } from "@/e2e/support/memory-token-store";
import { Prisma } from "@/prisma/generated/client";
import { ProofKey } from "../oidc/dpop";
import { getKeySet } from "../oidc/key-set";
import { beforeDeadline, withDeadline } from "../oidc/outbound";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { createBroker } from "./broker";
import type { SessionHooks, TokenOwner } from "./owner";
import { revokeAtProvider } from "./revoke-at-provider";
import { settle } from "./settle";
import type { Lease, TokenStore } from "./store";

const settings = provideEnv({
  outboundTimeoutMs: 300,
  allowHttpLoopback: true,
  clockToleranceSeconds: 30,
  idTokenMaxAgeSeconds: 600,
  providers: [] as ProviderSettings[],
});

// Two processes in one: each has flights and queues of its own.
const processes = new AsyncLocalStorage<Record<string, Map<string, unknown>>>();
for (const name of ["daemunFlights", "daemunQueues", "daemunRefusals"]) {
  Object.defineProperty(globalThis, name, {
    get: () => processes.getStore()?.[name],
    set: () => {},
    configurable: true,
  });
}
const newProcess = () => {
  const own = { daemunFlights: new Map(), daemunQueues: new Map(), daemunRefusals: new Map() };
  return <T>(work: () => Promise<T>) => processes.run(own, work);
};

interface Answer {
  status?: number;
  json: unknown;
  afterMs?: number;
}

let count = 0;
/** A provider that rotates strictly: a second use of a refresh token revokes the whole family. */
function provider({
  id,
  discoveryMs = 0,
  tokenMs = 0,
  answer,
}: {
  id?: string;
  discoveryMs?: number;
  tokenMs?: number;
  answer?: (n: number) => Answer | null;
} = {}) {
  count += 1;
  const issuer = `https://p${count}.example`;
  const state = {
    current: "rt-1",
    n: 1,
    isRevoked: false,
    reuse: 0,
    used: [] as string[],
    proved: [] as boolean[],
    asked: [] as string[],
    bearer: [] as string[],
    revoked: [] as string[],
  };
  const own = {
    ...standardProvider,
    id: id ?? "company",
    issuer,
    clientId: "c",
    clientSecret: "s",
    scope: "openid email offline_access",
    tokenDialect: "resource",
    endpointHosts: [],
    reservedResources: [],
    resources: [{ indicator: "https://shopping.example/api", scopes: ["shopping:read", "shopping:write"] }],
  } as unknown as ProviderSettings;
  vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
    const path = url.pathname;
    state.asked.push(path);
    const wait = (ms: number) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        init.signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(new Error("aborted"));
        });
      });
    const reply = (json: unknown, status = 200) => Response.json(json, { status });
    if (path.includes("openid-configuration")) {
      await wait(discoveryMs);
      return reply({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/me`,
        revocation_endpoint: `${issuer}/revoke`,
      });
    }
    if (path === "/jwks") {
      await wait(100);
      return reply({ keys: [] });
    }
    if (path === "/me") {
      state.bearer.push(String(new Headers(init.headers).get("authorization")));
      return reply({ error: "invalid_token" }, 401);
    }
    if (path === "/revoke") {
      state.revoked.push(String(new URLSearchParams(String(init.body)).get("token")));
      return reply({});
    }
    const used = new URLSearchParams(String(init.body)).get("refresh_token") ?? "";
    state.used.push(used);
    state.proved.push(new Headers(init.headers).has("dpop"));
    const special = answer?.(state.used.length);
    if (special) {
      await wait(special.afterMs ?? 0);
      return reply(special.json, special.status);
    }
    if (state.isRevoked || used !== state.current) {
      state.reuse += 1;
      state.isRevoked = true;
      return reply({ error: "invalid_grant" }, 400);
    }
    state.n += 1;
    state.current = `rt-${state.n}`;
    const json = {
      access_token: `at-${state.n}`,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: state.current,
    };
    await wait(tokenMs);
    return reply(json);
  });
  return { own, state };
}

const forUserInfo = { resource: "", organization: "", scope: "" };
const hooksOf = (store: TokenStore): SessionHooks => ({
  renewUser: async () => null,
  renewRoles: async () => "done",
  endRefused: (_, lease, cause) => store.end(lease, cause),
  endSwitched: async () => {},
});
const audit = async () => {};
const brokerOf = (store: TokenStore) => createBroker({ store, hooks: hooksOf(store), audit });

async function signedIn(
  store: TokenStore,
  own: ProviderSettings,
  { expiresAt = new Date(Date.now() - 1000), proofKey = null }: { expiresAt?: Date; proofKey?: ProofKey | null } = {},
): Promise<TokenOwner> {
  const sessionId = randomUUID();
  await store.deposit(
    { userId: "u", sessionId, service: null, provider: own.id, issuer: own.issuer },
    { accessToken: "at-1", expiresAt, scope: "openid", refreshToken: "rt-1", idToken: "id-1", proofKey },
  );
  return {
    grantOwner: { sessionId },
    sessionHash: "h",
    userId: "u",
    provider: own,
    issuer: own.issuer,
    subject: "minsu",
  };
}

async function leased(store: TokenStore, { grantOwner }: TokenOwner, holder: string, ms: number): Promise<Lease> {
  const view = await store.look(grantOwner, forUserInfo);
  const lease = await store.lease(view?.grantId ?? "", holder, { ms, inheritedMs: ms });
  if (!lease) throw new Error("The lease was not to be had.");
  return lease;
}

afterEach(() => vi.unstubAllGlobals());

describe("the broker", () => {
  it("a holder that is stopped between the lease and the request does not send what a sibling has sent", async () => {
    const { own, state } = provider();
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    // Past the end of its lease, with the refresh token in its hand.
    const stopped: TokenStore = {
      ...store,
      lease: async (...args) => {
        const lease = await store.lease(...args);
        await sleep(4_500);
        return lease;
      },
    };
    const [a, b] = [newProcess(), newProcess()];
    const slow = a(() => brokerOf(stopped).getToken(owner, forUserInfo));
    await sleep(50);
    const fast = b(() => brokerOf(store).getToken(owner, forUserInfo));
    await Promise.all([slow, fast]);
    await sleep(300);
    expect(state.used).toEqual(["rt-1"]);
    expect(state.reuse).toBe(0);
  });

  it("a provider whose every answer keeps the configured time signs nobody out", async () => {
    settings.outboundTimeoutMs = 1_500;
    try {
      const { own, state } = provider({ id: "slow", discoveryMs: 1_400, tokenMs: 1_300 });
      const store = createMemoryStore();
      const owner = await signedIn(store, own);
      const broker = brokerOf(store);
      const first = await newProcess()(() => broker.getToken(owner, forUserInfo));
      await sleep(1_200);
      const second = await newProcess()(() => broker.getToken(owner, forUserInfo));
      expect([first.kind, second.kind, state.reuse]).toEqual(["token", "token", 0]);
    } finally {
      settings.outboundTimeoutMs = 300;
    }
  });

  it.each(["DPoP", "Bearer"])(
    "a public client's grant that has a key is refreshed with proofs where configuration wants none, and its token is %s",
    async (token_type) => {
      const json = { access_token: "at-2", token_type, expires_in: 3600, refresh_token: "rt-2" };
      const { own, state } = provider({ answer: () => ({ json }) });
      const store = createMemoryStore();
      const proofKey = await ProofKey.make();
      const owner = await signedIn(store, { ...own, clientAuthentication: "none", clientSecret: "" }, { proofKey });
      const outcome = await newProcess()(() => brokerOf(store).getToken(owner, forUserInfo));
      expect(outcome).toMatchObject({ kind: "token", accessToken: "at-2" });
      expect(state.proved).toEqual([true]);
      const { token } = (await store.look(owner.grantOwner, forUserInfo)) ?? {};
      const isBound = token_type === "DPoP";
      expect([outcome.kind === "token" && outcome.proofKey !== undefined, token?.proofKey !== undefined]).toEqual([
        isBound,
        isBound,
      ]);
    },
  );

  it("whoever lost the lease does not end the grant under its new holder", async () => {
    const store = createMemoryStore();
    const { own } = provider();
    const owner = await signedIn(store, own);
    const grantId = (await store.look(owner.grantOwner, forUserInfo))?.grantId ?? "";
    const late = await store.lease(grantId, "late", { ms: 1, inheritedMs: 1 });
    await sleep(5);
    const holder = await store.lease(grantId, "holder", { ms: 60_000, inheritedMs: 60_000 });
    if (!late || !holder) throw new Error("no lease");
    expect(await store.end(late, "invalid_grant")).toBe(false);
    const came = { refreshToken: "rt-2", idToken: null, grantScope: null, user: null, token: null };
    expect(await store.publish(holder, came)).toBe(true);
  });

  it("a database that is away for a while after the answer costs nobody the rotated refresh token", async () => {
    const { own, state } = provider();
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    let isAway = false;
    const away = () => {
      if (isAway) throw Object.assign(new Error("away"), { code: "ECONNREFUSED", address: "::1" });
    };
    const cut: TokenStore = {
      ...store,
      look: async (...args) => {
        away();
        return store.look(...args);
      },
      lease: async (...args) => {
        away();
        return store.lease(...args);
      },
      publish: async (...args) => {
        isAway ||= state.used.length === 1 && !wasAway;
        wasAway = true;
        away();
        return store.publish(...args);
      },
    };
    let wasAway = false;
    const broker = brokerOf(cut);
    const [a, b] = [newProcess(), newProcess()];
    const first = a(() => broker.getToken(owner, forUserInfo));
    await sleep(4_200);
    isAway = false;
    // The person's next page, on the other instance, at once after the database is back.
    const second = await b(() => broker.getToken(owner, forUserInfo));
    await first;
    expect(state.used).toEqual(["rt-1"]);
    expect(second.kind).toBe("token");
  });

  it("a publication that the database undid for the sake of a sign-out is tried again, and costs nobody the refresh token", async () => {
    const { own, state } = provider();
    const store = createMemoryStore();
    let undone = 0;
    const deadlocked: TokenStore = {
      ...store,
      publish: async (...args) => {
        undone += 1;
        // As the driver says it of a statement of our own.
        const meta = { driverAdapterError: { cause: { kind: "TransactionWriteConflict" } } };
        const told = { code: "P2010", clientVersion: "", meta };
        if (undone === 1) throw new Prisma.PrismaClientKnownRequestError("deadlock detected", told);
        return store.publish(...args);
      },
    };
    const owner = await signedIn(store, own);
    const outcome = await newProcess()(() => brokerOf(deadlocked).getToken(owner, forUserInfo));
    expect([outcome.kind, state.used]).toEqual(["token", ["rt-1"]]);
  });

  const says = (own: ProviderSettings, roles: string[]) => ({ iss: own.issuer, sub: "minsu", iat: 0, exp: 0, roles });
  const renewed = (own: ProviderSettings, roles: string[]) => ({
    kind: "renewed" as const,
    renewal: {
      refreshToken: "rt-2",
      idToken: "id-2",
      grantScope: null,
      user: null,
      token: { target: forUserInfo, accessToken: "at-2", expiresAt: new Date(Date.now() + 60_000), scope: "" },
    },
    idToken: says(own, roles),
  });

  it("claims that cannot be read cost nobody the refresh token that came", async () => {
    const { own } = provider();
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    const lease = await leased(store, owner, "a", 60_000);
    const renewUser = () => Promise.reject(new Error("claims"));
    const hooks = { ...hooksOf(store), renewUser };
    await settle({ store, hooks, audit }, { owner, target: forUserInfo, lease, key: "k" }, renewed(own, []));
    expect((await store.withdraw([owner.grantOwner], "x"))[0]?.refreshToken).toBe("rt-2");
  });

  it("whoever comes too late to publish changes nobody's roles either", async () => {
    const { own } = provider();
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    const late = await leased(store, owner, "late", 1);
    await sleep(5);
    const faster = await leased(store, owner, "faster", 60_000);
    const written: unknown[] = [];
    const watched: TokenStore = {
      ...store,
      publish: async (lease, renewal) => {
        const isPublished = await store.publish(lease, renewal);
        if (isPublished) written.push(renewal.user?.roles);
        return isPublished;
      },
    };
    const hooks: SessionHooks = {
      ...hooksOf(watched),
      renewUser: async (_, idToken) => ({ claims: {}, roles: idToken.roles as string[] }),
    };
    const shared = { owner, target: forUserInfo, key: "k" };
    await settle({ store: watched, hooks, audit }, { ...shared, lease: faster }, renewed(own, []));
    await settle({ store: watched, hooks, audit }, { ...shared, lease: late }, renewed(own, ["admin"]));
    expect(written).toEqual([[]]);
  });

  it.each([
    ["a refusal", { status: 403, json: { error: "access_denied" } }],
    ["a client that the provider does not know", { status: 401, json: { error: "invalid_client" } }],
    ["an answer without a usable token", { json: { token_type: "Bearer" } }],
    ["an interaction that the person has to do first", { status: 400, json: { error: "interaction_required" } }],
  ])("ten calls after %s ask the provider at most twice", async (_, answer) => {
    const { own, state } = provider({ answer: () => answer });
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    const broker = brokerOf(store);
    const mine = newProcess();
    for (let n = 0; n < 10; n += 1) await mine(() => broker.getToken(owner, forUserInfo));
    expect(state.used.length).toBeLessThanOrEqual(2);
  });

  it("a grant whose provider is to be left alone is not lent between look and lease", async () => {
    const store = createMemoryStore();
    const { own } = provider();
    const owner = await signedIn(store, own);
    const view = await store.look(owner.grantOwner, forUserInfo);
    const sibling = await store.lease(view?.grantId ?? "", "sibling", { ms: 60_000, inheritedMs: 60_000 });
    if (!sibling) throw new Error("no lease");
    await store.release(sibling, 60);
    expect(await store.lease(view?.grantId ?? "", "a", { ms: 60_000, inheritedMs: 60_000 })).toBeNull();
  });

  it("a refresh token of an issuer that configuration has replaced is not shown to its successor", async () => {
    const { own, state } = provider();
    const former = { provider: own.id, issuer: "https://former.example", refreshToken: "rt-1" };
    expect(await revokeAtProvider(former, [own])).toBe(false);
    expect(await revokeAtProvider({ ...former, issuer: own.issuer }, [own])).toBe(true);
    expect(state.revoked).toEqual(["rt-1"]);
  });

  it("a database clock that is ahead does not keep a refused token from being replaced", async () => {
    const { own, state } = provider();
    const store = createMemoryStore(() => Date.now() + 5_000);
    const owner = await signedIn(store, own, { expiresAt: new Date(Date.now() + 3_600_000) });
    await sleep(20);
    const outcome = await newProcess()(() => brokerOf(store).renewToken(owner, forUserInfo, { after: new Date() }));
    expect([state.used.length, outcome.kind === "token" && outcome.accessToken]).toEqual([1, "at-2"]);
  });

  it("a database clock that is behind does not make each process refresh for itself", async () => {
    const { own, state } = provider({ tokenMs: 100 });
    const store = createMemoryStore(() => Date.now() - 5_000);
    const owner = await signedIn(store, own, { expiresAt: new Date(Date.now() + 3_600_000) });
    const after = new Date();
    await sleep(5);
    const broker = brokerOf(store);
    await Promise.all([1, 2, 3].map(() => newProcess()(() => broker.renewToken(owner, forUserInfo, { after }))));
    expect(state.used.length).toBe(1);
  });

  it("a key-set fetch that others wait for is not cut short by the deadline of whoever began it", async () => {
    const { own } = provider();
    const keys = getKeySet(`${own.issuer}/jwks`);
    const load = () => beforeDeadline(keys.load("provider"));
    const hurried = withDeadline(20, load).catch((error) => error.code);
    expect(await withDeadline(5_000, load)).toBe(1);
    await hurried;
  });

  it("a page that only needs a token that is alive gets it while another caller forces a refresh and the provider is away", async () => {
    const { own } = provider({ answer: () => ({ status: 503, json: {}, afterMs: 100 }) });
    const store = createMemoryStore(() => Date.now() - 60_000);
    const owner = await signedIn(store, own, { expiresAt: new Date(Date.now() + 4_000) });
    const broker = brokerOf(store);
    const mine = newProcess();
    const forced = mine(() => broker.renewToken(owner, forUserInfo, { after: new Date() }));
    const page = await mine(() => broker.getToken(owner, forUserInfo));
    await forced;
    expect(page.kind).toBe("token");
  });

  it("a token of a resource whose provider does not repeat the scope is said to have the resource's", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const jwt = `${part({ alg: "RS256" })}.${part({ aud: "https://shopping.example/api" })}.c2ln`;
    const { own } = provider({ answer: () => ({ json: { access_token: jwt, token_type: "Bearer", expires_in: 60 } }) });
    const store = createMemoryStore();
    const owner = await signedIn(store, own);
    const outcome = await newProcess()(() =>
      brokerOf(store).getToken(owner, {
        ...forUserInfo,
        resource: "https://shopping.example/api",
      }),
    );
    expect(outcome).toMatchObject({ kind: "token", scope: expect.stringContaining("shopping:read") });
  });

  it("a 4xx from whatever stands before the provider, or one that says 'later', leaves what is alive in use", async () => {
    for (const answer of [
      { status: 403, json: "blocked" },
      { status: 400, json: { error: "temporarily_unavailable" } },
      { status: 408, json: {} },
    ]) {
      const { own } = provider({ answer: () => answer });
      const store = createMemoryStore(() => Date.now() - 60_000);
      const owner = await signedIn(store, own, { expiresAt: new Date(Date.now() + 4_000) });
      const outcome = await newProcess()(() => brokerOf(store).getToken(owner, forUserInfo));
      expect([answer, outcome.kind]).toEqual([answer, "token"]);
    }
  });
});

describe("whoever waits for a token", () => {
  it("nobody waits longer than a page may take, however slow database and provider are together", async () => {
    const { own } = provider({ id: "slower", answer: () => ({ status: 503, json: {}, afterMs: 250 }) });
    const store = createMemoryStore();
    // As the client's limits allow: three seconds for a connection, four and a half for a statement.
    const slow: TokenStore = {
      ...store,
      look: async (...args) => {
        await sleep(3_000);
        return store.look(...args);
      },
    };
    const owner = await signedIn(store, own);
    const grantId = (await store.look(owner.grantOwner, forUserInfo))?.grantId ?? "";
    await store.lease(grantId, "somebody", { ms: 60_000, inheritedMs: 60_000 });
    const askedAt = Date.now();
    await newProcess()(() => brokerOf(slow).getToken(owner, forUserInfo));
    expect(Date.now() - askedAt).toBeLessThan(9_500);
  });

  it("a lease is given back, and the retry time kept, when the database misses one statement", async () => {
    const { own } = provider({ answer: () => ({ status: 503, json: {} }) });
    const store = createMemoryStore();
    let missed = 0;
    const flaky: TokenStore = {
      ...store,
      release: async (...args) => {
        missed += 1;
        if (missed === 1) throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
        return store.release(...args);
      },
    };
    const owner = await signedIn(store, own);
    await newProcess()(() => brokerOf(flaky).getToken(owner, forUserInfo));
    expect((await store.look(owner.grantOwner, forUserInfo))?.isLeased).toBe(false);
  });

  it("a grant that the provider ended is ended, though the database misses one statement", async () => {
    const { own, state } = provider({ answer: () => ({ status: 400, json: { error: "invalid_grant" } }) });
    const store = createMemoryStore();
    let missed = 0;
    const flaky: TokenStore = {
      ...store,
      end: async (...args) => {
        missed += 1;
        if (missed === 1) throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
        return store.end(...args);
      },
    };
    const owner = await signedIn(store, own);
    const outcome = await newProcess()(() => brokerOf(flaky).getToken(owner, forUserInfo));
    expect([outcome, state.used.length]).toEqual([{ kind: "refused", code: "reauthentication_required" }, 1]);
  });

  it("whoever never had a refresh token is not sent to sign in again for ever", async () => {
    const { own } = provider();
    const store = createMemoryStore();
    const sessionId = randomUUID();
    await store.deposit(
      { userId: "u", sessionId, service: null, provider: own.id, issuer: own.issuer },
      {
        accessToken: "at-1",
        expiresAt: new Date(Date.now() + 60_000),
        scope: "openid",
        refreshToken: null,
        idToken: "id-1",
      },
    );
    const owner = {
      grantOwner: { sessionId },
      sessionHash: "h",
      userId: "u",
      provider: own,
      issuer: own.issuer,
      subject: "minsu",
    };
    const outcome = await newProcess()(() =>
      brokerOf(store).getToken(owner, {
        ...forUserInfo,
        resource: "https://shopping.example/api",
      }),
    );
    expect(outcome).toEqual({ kind: "refused", code: "refresh_token_missing" });
  });
});
