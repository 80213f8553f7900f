import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import type { TokenOrigin } from "./key-set";
import type { ProviderMetadata } from "./metadata";
import { verifySignature } from "./signed-token";

provideEnv({
  allowHttpLoopback: true,
  outboundTimeoutMs: 5000,
  clockToleranceSeconds: 30,
  idTokenMaxAgeSeconds: 300,
});

let server: Server;
let base: string;
let published: JWK[] = [];
let fetches = 0;
let provider: ProviderSettings;
let metadata: ProviderMetadata;
let providers = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    fetches += 1;
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
beforeEach(() => {
  // Each test has a provider of its own, whose keys nobody has asked for.
  providers += 1;
  const issuer = `${base}/${providers}`;
  provider = {
    ...standardProvider,
    id: `provider-${providers}`,
    clientId: "app",
    issuer,
  } as unknown as ProviderSettings;
  metadata = { issuer, jwks_uri: `${issuer}/jwks` } as ProviderMetadata;
  fetches = 0;
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => server.close());

async function makeKey(kid?: string) {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), alg: "RS256", ...(kid && { kid }) }, kid };
}

function sign({ privateKey, kid }: Awaited<ReturnType<typeof makeKey>>, named = kid): Promise<string> {
  return new SignJWT({ sub: "minsu" })
    .setProtectedHeader({ alg: "RS256", ...(named && { kid: named }) })
    .setIssuer(metadata.issuer)
    .setAudience("app")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);
}

function verdict(token: string, origin: TokenOrigin = "provider"): Promise<string> {
  return verifySignature(token, provider, metadata, { requiredClaims: [], code: "id_token_invalid", origin }).then(
    () => "right",
    ({ code, detail }) => `${code} ${detail}`,
  );
}

function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 });
}

describe("keys that a provider has replaced", () => {
  it.each([
    ["without a key id", undefined],
    ["under the key id of before", "k1"],
  ])("FF-42: %s are fetched once more after half a minute, and once alone", async (_, kid) => {
    const [old, next] = [await makeKey(kid), await makeKey(kid)];
    published = [old.jwk];
    expect(await verdict(await sign(old))).toBe("right");
    published = [next.jwk];
    const token = await sign(next);
    expect(await verdict(token)).toBe("id_token_invalid signature");
    expect(fetches).toBe(1);
    later(31);
    const crowd = await Promise.all(Array.from({ length: 20 }, () => verdict(token)));
    expect(new Set(crowd)).toEqual(new Set(["right"]));
    expect(fetches).toBe(2);
    expect(await verdict(await sign(old))).toBe("id_token_invalid signature");
    expect(fetches).toBe(2);
  });

  it("FF-42: of several keys without an id the one that fits is found, and where none does the log says `kid`", async () => {
    const keys = [await makeKey(), await makeKey(), await makeKey()];
    published = keys.map(({ jwk }) => jwk);
    for (const key of keys) expect(await verdict(await sign(key))).toBe("right");
    expect(await verdict(await sign(await makeKey()))).toBe("id_token_invalid kid");
  });
});

it("FF-42: a storm of unknown key ids fetches the keys at most five times a minute, and leaves some for the provider's own tokens", async () => {
  const known = await makeKey("k1");
  published = [known.jwk];
  expect(await verdict(await sign(known))).toBe("right");
  const stranger = await makeKey("k2");
  for (let n = 0; n < 40; n += 1) await verdict(await sign(stranger, `unknown-${n}`), "anybody");
  expect(fetches).toBe(4);
  const rotated = await makeKey("k3");
  published = [rotated.jwk];
  expect(await verdict(await sign(rotated))).toBe("right");
  expect(fetches).toBe(5);
  expect(await verdict(await sign(stranger, "unknown"))).toBe("provider_unavailable key_set_rate");
  later(61);
  expect(await verdict(await sign(stranger, "unknown"))).toBe("id_token_invalid signature");
  expect(fetches).toBe(6);
});
