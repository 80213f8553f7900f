import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { ProofKey } from "./dpop";
import type { OidcError } from "./errors";
import { verifyProof } from "./request-proof";

const url = "https://app.example/api/reports";
const accessToken = "an-access-token";
const seconds = () => Math.floor(Date.now() / 1000);

let key: ProofKey;
let thumbprint: string;
let pair: { privateKey: CryptoKey; jwk: JWK };
beforeAll(async () => {
  key = await ProofKey.make();
  thumbprint = await key.thumbprint();
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { d: _, ...jwk } = await exportJWK(privateKey);
  pair = { privateKey, jwk };
});

const call = { method: "POST", url, accessToken };

async function faultOf(proof: string | null, change: Partial<Parameters<typeof verifyProof>[1]> = {}) {
  try {
    await verifyProof(proof, { ...call, thumbprint, ...change });
    return null;
  } catch (error) {
    return (error as OidcError).detail;
  }
}

const ath = createHash("sha256").update(accessToken).digest("base64url");
async function forged(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const payload = { jti: "j", htm: "POST", htu: url, iat: seconds(), ath, ...claims };
  const protectedHeader = { alg: "ES256", typ: "dpop+jwt", jwk: pair.jwk, ...header } as JWTHeaderParameters;
  return new SignJWT(JSON.parse(JSON.stringify(payload))).setProtectedHeader(protectedHeader).sign(pair.privateKey);
}

/** What is wrong with a proof by the forger's own key, to whom the token is bound. */
async function faultOfForged(claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
  const { calculateJwkThumbprint } = await import("jose");
  return faultOf(await forged(claims, header), { thumbprint: await calculateJwkThumbprint(pair.jwk) });
}

describe("a proof of possession", () => {
  it("proves one request, by one token, and has a name of its own", async () => {
    const proofs = [await key.prove({ ...call }), await key.prove({ ...call, url: `${url}?page=2#top` })];
    const names = await Promise.all(proofs.map((proof) => verifyProof(proof, { ...call, thumbprint })));
    expect(new Set(names).size).toBe(2);
    expect(names[0]).toMatch(/^[\w-]{43}$/);
    expect(await verifyProof(proofs[0] ?? "", { ...call, thumbprint })).toBe(names[0]);
    expect(await faultOfForged({})).toBeNull();
  });

  it.each<[what: string, change: Partial<Parameters<typeof verifyProof>[1]>, fault: string]>([
    ["another method", { method: "DELETE" }, "proof_htm"],
    ["another path", { url: "https://app.example/api/other" }, "proof_htu"],
    ["another host", { url: "https://evil.example/api/reports" }, "proof_htu"],
    ["another token", { accessToken: "stolen" }, "proof_ath"],
    ["a token that is bound to another key", { thumbprint: "another" }, "proof_key"],
  ])("is of no use for %s", async (_, change, fault) => {
    expect(await faultOf(await key.prove(call), change)).toBe(fault);
  });

  it.each<[what: string, claims: Record<string, unknown>, header: Record<string, unknown>, fault: string]>([
    ["is older than half a minute", { iat: seconds() - 40 }, {}, "proof_iat"],
    ["is of the future", { iat: seconds() + 60 }, {}, "proof_iat"],
    ["does not say when", { iat: undefined }, {}, "proof_iat"],
    ["has no id", { jti: undefined }, {}, "proof_jti"],
    ["has an id without end", { jti: "j".repeat(501) }, {}, "proof_jti"],
    ["names no token", { ath: undefined }, {}, "proof_ath"],
    ["names no address", { htu: "reports" }, {}, "proof_htu"],
    ["says the method in lower case", { htm: "post" }, {}, "proof_htm"],
    ["is another kind of JWT", {}, { typ: "JWT" }, "proof"],
  ])("is refused where it %s", async (_, claims, header, fault) => {
    expect(await faultOfForged(claims, header)).toBe(fault);
  });

  it("is refused without a key, with a private one, with a secret, unsigned, missing, sent twice, or too long", async () => {
    const withoutKey = await forged({}, { jwk: undefined });
    const withPrivate = await forged({}, { jwk: await exportJWK(pair.privateKey) });
    const withSecret = await forged({}, { jwk: { kty: "oct", k: "AAAA" } });
    const unsigned = new UnsecuredJWT({ jti: "j", htm: "POST", htu: url, iat: seconds(), ath }).encode();
    const twice = `${await forged()}, ${await forged()}`;
    for (const proof of [
      withoutKey,
      withPrivate,
      withSecret,
      unsigned,
      null,
      "",
      twice,
      await forged({ x: "x".repeat(5_000) }),
    ])
      expect(await faultOf(proof)).toBe("proof");
  });
});
