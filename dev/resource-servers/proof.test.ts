import { createHash } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { checkProof } from "./tokens/proof";

const url = "http://127.0.0.1:1/orders";
const ath = createHash("sha256").update("at-1").digest("base64url");

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let thumbprint: string;
beforeAll(async () => {
  keys = await generateKeyPair("ES256");
  thumbprint = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
});

const seen = new Set<string>();
let count = 0;

async function proof(claims: Record<string, unknown> = {}, { typ = "dpop+jwt", pair = keys } = {}): Promise<string> {
  count += 1;
  return new SignJWT({ htm: "GET", htu: url, ath, jti: `jti-${count}`, iat: Math.floor(Date.now() / 1000), ...claims })
    .setProtectedHeader({ alg: "ES256", typ, jwk: await exportJWK(pair.publicKey) })
    .sign(pair.privateKey);
}

const check = (sent: string | null, asked: { scheme?: "bearer" | "dpop"; bound?: boolean; nonce?: string } = {}) =>
  checkProof(
    { scheme: asked.scheme ?? "dpop", token: "at-1", proof: sent },
    { method: "GET", url, thumbprint: asked.bound === false ? null : thumbprint, nonce: asked.nonce ?? null },
    seen,
  );

describe("a resource server takes a bound token", () => {
  it("with a proof of this request, once, and a token that is not bound without one", async () => {
    const sent = await proof({ nonce: "n-1" });
    await check(sent, { nonce: "n-1" });
    await expect(check(sent, { nonce: "n-1" })).rejects.toMatchObject({ code: "invalid_dpop_proof" });
    await check(null, { scheme: "bearer", bound: false });
  });

  it("and no other", async () => {
    const other = await generateKeyPair("ES256");
    const refused = await Promise.all([
      proof({ htm: "POST" }),
      proof({ htu: `${url}/1` }),
      proof({ ath: "another" }),
      proof({ iat: Math.floor(Date.now() / 1000) - 600 }),
      proof({ jti: undefined }),
      proof({}, { typ: "JWT" }),
      proof({}, { pair: other }),
      "no proof",
      null,
    ]);
    for (const sent of refused)
      await expect(check(sent)).rejects.toMatchObject({ status: 401, code: "invalid_dpop_proof" });
    await expect(check(await proof(), { scheme: "bearer" })).rejects.toMatchObject({ code: "invalid_token" });
    await expect(check(await proof(), { bound: false })).rejects.toMatchObject({ code: "invalid_token" });
    await expect(check(await proof(), { nonce: "n-1" })).rejects.toMatchObject({
      code: "use_dpop_nonce",
      wanted: "n-1",
    });
  });
});
