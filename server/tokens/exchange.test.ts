import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryStore } from "@/e2e/support/memory-token-store";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import type { Broker } from "./broker";
import { VaultError } from "./errors";
import { createExchanger, exchangeTarget } from "./exchange";
import type { Exchange } from "./exchange-attempt";
import { granted, reauthenticationRequired } from "./outcome";
import type { TokenOwner } from "./owner";

const subject = { resource: "", organization: "", scope: "" };
const everything = { subject, terms: { audience: "ledger" }, signActor: null };
const inAnHour = () => new Date(Date.now() + 3_600_000);

function provider(id: string): ProviderSettings {
  const issuer = `https://${id}-${randomUUID()}.example`;
  return { ...standardProvider, id, issuer, clientId: "c", clientSecret: "s" } as unknown as ProviderSettings;
}

let own: ProviderSettings;
let other: ProviderSettings;
let asked: string[];
beforeEach(() => {
  [own, other, asked] = [provider("company"), provider("partner"), []];
  provideEnv({
    outboundTimeoutMs: 300,
    clockToleranceSeconds: 30,
    providers: [own, other],
    authUrl: "https://app.example",
  });
  vi.stubGlobal("fetch", async (url: URL) => {
    const { origin: issuer, pathname } = new URL(url);
    if (pathname.includes("openid-configuration")) {
      const [authorization_endpoint, token_endpoint] = [`${issuer}/auth`, `${issuer}/token`];
      return Response.json({ issuer, authorization_endpoint, token_endpoint, jwks_uri: `${issuer}/jwks` });
    }
    asked.push(issuer);
    const issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
    return Response.json({ access_token: "ex-1", token_type: "Bearer", expires_in: 3600, issued_token_type });
  });
});
afterEach(() => void vi.unstubAllGlobals());

async function signedIn() {
  const store = createMemoryStore(() => Date.now());
  const sessionId = randomUUID();
  const owner: TokenOwner = {
    grantOwner: { sessionId },
    ...{ sessionHash: "h", userId: "u", provider: own, issuer: own.issuer, subject: "minsu" },
  };
  const tokens = { accessToken: "at-1", expiresAt: inAnHour(), scope: "openid", refreshToken: "rt-1", idToken: null };
  await store.deposit({ userId: "u", sessionId, service: null, provider: own.id, issuer: own.issuer }, tokens);
  const leased = async () => {
    const view = await store.look(owner.grantOwner, subject);
    const lease = view && (await store.lease(view.grantId, "test", { ms: 5_000, inheritedMs: 5_000 }));
    if (!lease) throw new Error("There is no lease.");
    return lease;
  };
  const getToken: Broker["getToken"] = async () => granted(subject, tokens);
  const exchangerWith = (broker: Partial<Broker> = {}) =>
    createExchanger({ store, audit: async () => {}, broker: { getToken, renewToken: getToken, ...broker } as Broker });
  return { store, owner, leased, exchangerWith };
}

const ledgerAt = (at: ProviderSettings, more: Partial<Exchange> = {}): Exchange => ({
  service: "ledger",
  provider: at,
  subjectProviders: ["company"],
  ...everything,
  ...more,
});

describe("a token for the next hop", () => {
  it("is not had of a provider that configuration does not let see the user's own, and nothing is sent there", async () => {
    const { owner, exchangerWith } = await signedIn();
    const { getExchanged } = exchangerWith();
    for (const subjectProviders of [undefined, [], ["partner"]]) {
      const outcome = await getExchanged(owner, ledgerAt(other, { subjectProviders }));
      expect(outcome).toEqual({ kind: "refused", code: "forbidden" });
    }
    expect(asked).toEqual([]);
  });

  it("is had of another provider while the user's own wants to be left alone, and not of that one", async () => {
    const { store, owner, leased, exchangerWith } = await signedIn();
    await store.release(await leased(), 60);
    const { getExchanged } = exchangerWith();
    expect(await getExchanged(owner, ledgerAt(other))).toMatchObject({ kind: "token", accessToken: "ex-1" });
    expect(await getExchanged(owner, ledgerAt(own))).toMatchObject({
      kind: "unavailable",
      code: "provider_unavailable",
    });
    expect(asked).toEqual([other.issuer]);
  });

  it("that cannot be signed for is no reason to sign in once more", async () => {
    const { owner, exchangerWith } = await signedIn();
    const signActor = () => Promise.reject(new VaultError("KEY_UNKNOWN"));
    const outcome = await exchangerWith().getExchanged(owner, ledgerAt(own, { signActor }));
    expect(outcome).toMatchObject({ kind: "unavailable", code: "internal_error" });
    expect(asked).toEqual([]);
  });

  it("that is about to end is handed out while there is no other, and not to whom the provider honours no longer", async () => {
    const { store, owner, leased, exchangerWith } = await signedIn();
    const exchange = ledgerAt(own);
    const kept = { target: exchangeTarget(exchange), accessToken: "ex-0", expiresAt: new Date(Date.now() + 30_000) };
    await store.keep(await leased(), { ...kept, scope: "", proofKey: null });
    vi.setSystemTime(Date.now() + 28_000);
    try {
      const away = async () => ({ kind: "unavailable", code: "provider_timeout", retryAfterSeconds: 1 }) as const;
      const { getExchanged } = exchangerWith({ getToken: away });
      expect(await getExchanged(owner, exchange)).toMatchObject({ kind: "token", accessToken: "ex-0" });
      const over = exchangerWith({ getToken: async () => reauthenticationRequired });
      expect(await over.getExchanged(owner, exchange)).toEqual(reauthenticationRequired);
    } finally {
      vi.useRealTimers();
    }
  });
});
