import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { isBound } from "../settings/bound";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { isBoundTo, noteNonce, ProofKey, wantsNonce } from "./dpop";

const [shop, store] = ["https://shopping.example/api", "https://store.example/api"];
const resource = (indicator: string, dpop?: boolean) => ({
  indicator,
  scopes: [],
  ...(dpop !== undefined && { dpop }),
});

describe("which tokens are bound", () => {
  const bound = (change: Partial<ProviderSettings>) =>
    ["", shop, store].map((indicator) =>
      isBound({ ...standardProvider, ...change } as ProviderSettings, { resource: indicator }),
    );

  it.each<[what: string, change: Partial<ProviderSettings>, expected: boolean[]]>([
    ["none, where nothing says so", { resources: [resource(shop)] }, [false, false, false]],
    ["all, where the provider says so", { dpop: true, resources: [resource(shop)] }, [true, true, true]],
    ["those of a resource that says so", { resources: [resource(shop, true)] }, [false, true, false]],
    [
      "all but a resource's that says otherwise",
      { dpop: true, resources: [resource(shop, false)] },
      [true, false, true],
    ],
    [
      "all of a public client, whose refresh tokens are bound",
      { clientAuthentication: "none", resources: [resource(shop, true), resource(store, false)] },
      [true, true, true],
    ],
    ["none of a public client, where nothing says so", { clientAuthentication: "none" }, [false, false, false]],
  ])("%s", (_, change, expected) => expect(bound(change)).toEqual(expected));
});

describe("a proof", () => {
  it("names the request, the token and the moment, and carries the public half of the key alone", async () => {
    const key = await ProofKey.make();
    const url = "https://shopping.example/api/orders?page=2#top";
    const { payload, protectedHeader } = await jwtVerify(
      await key.prove({ method: "POST", url, accessToken: "at-1" }),
      EmbeddedJWK,
    );
    expect(protectedHeader).toMatchObject({ alg: "ES256", typ: "dpop+jwt" });
    expect(Object.keys(protectedHeader.jwk ?? {}).sort()).toEqual(["crv", "kty", "x", "y"]);
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? {})).toBe(await key.thumbprint());
    expect(payload).toEqual({
      htm: "POST",
      htu: "https://shopping.example/api/orders",
      ath: createHash("sha256").update("at-1").digest("base64url"),
      jti: expect.any(String),
      iat: expect.closeTo(Date.now() / 1000, -1),
    });
  });

  it("has the nonce that its server gave last, and no other server's", async () => {
    const key = await ProofKey.make();
    const nonceFor = async (url: string) =>
      (await jwtVerify(await key.prove({ method: "GET", url }), EmbeddedJWK)).payload.nonce;
    for (const nonce of ["n-1", "n-2", "x".repeat(2_000), ""]) {
      noteNonce("https://nonces.example/a", new Headers({ "DPoP-Nonce": nonce }));
    }
    noteNonce("https://nonces.example/a", new Headers());
    expect(await nonceFor("https://nonces.example/b")).toBe("n-2");
    expect(await nonceFor("https://others.example/b")).toBeUndefined();
  });

  it("is made again by a key that comes out of the vault, and shows nothing of it in logs and answers", async () => {
    const key = await ProofKey.make();
    const again = ProofKey.parse(key.forVault());
    expect(await again.thumbprint()).toBe(await key.thumbprint());
    const { d } = JSON.parse(key.forVault());
    for (const shown of [JSON.stringify({ key }), inspect(key, { depth: 9, showHidden: true }), String(key)]) {
      expect(shown).not.toContain(d);
    }
  });
});

it("only a refusal that asks for a nonce, and gives one, is met with another proof", () => {
  const asked = { "WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "n" };
  expect(wantsNonce(401, new Headers(asked))).toBe(true);
  expect(wantsNonce(403, new Headers(asked))).toBe(false);
  expect(wantsNonce(401, new Headers({ ...asked, "WWW-Authenticate": 'DPoP error="invalid_token"' }))).toBe(false);
  expect(wantsNonce(401, new Headers({ "WWW-Authenticate": 'DPoP error="use_dpop_nonce"' }))).toBe(false);
});

it("a token is bound to a key if it says so, or is no JWT and says nothing", () => {
  const jwt = (cnf: unknown) => new UnsecuredJWT({ cnf } as never).encode();
  expect(isBoundTo("k", jwt({ jkt: "k" }))).toBe(true);
  for (const cnf of [undefined, null, {}, "k", { jkt: "other" }, { jkt: ["k"] }])
    expect(isBoundTo("k", jwt(cnf))).toBe(false);
  expect(isBoundTo("k", "opaque")).toBe(true);
});
