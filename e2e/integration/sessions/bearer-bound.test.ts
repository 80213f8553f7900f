import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { apiClient, type Changes } from "../../support/api-client";
import { openExtendedApp } from "../../support/extension/extended-app";
import type { TestApp } from "../../support/test-app";

let app: TestApp;
let sibling: Awaited<ReturnType<TestApp["shareSibling"]>>;
let client: ReturnType<typeof apiClient>;
beforeAll(async () => {
  app = await openExtendedApp();
  sibling = await app.shareSibling();
  client = apiClient(app);
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  // What one test did wrong is not to be counted against the next.
  await app.rows(`DELETE FROM "RateLimit"`);
});
afterAll(() => app?.close());

/** A client with a key of its own, which its tokens are bound to. */
async function boundClient(claims: Changes = {}) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { d: _, ...jwk } = await exportJWK(privateKey);
  const token = await client.tokenWith({ cnf: { jkt: await calculateJwkThumbprint(jwk as JWK) }, ...claims });
  const prove = (change: Changes = {}) =>
    new SignJWT({
      jti: randomUUID(),
      htm: "GET",
      htu: `${app.url}/api/calls/own`,
      iat: Math.floor(Date.now() / 1000),
      ath: createHash("sha256").update(token).digest("base64url"),
      ...change,
    })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: jwk as JWK })
      .sign(privateKey);
  return { token, prove };
}

describe("a token that is bound to a key", () => {
  it("opens the route with a proof, and each proof once, at all instances together", async () => {
    const { token, prove } = await boundClient();
    const proof = await prove();
    const first = await client.call(`DPoP ${token}`, { headers: { DPoP: proof } });
    expect([first.status, first.json.token.isBound]).toEqual([200, true]);
    for (const at of [app.url, sibling.url]) {
      const again = await client.call(`DPoP ${token}`, { headers: { DPoP: proof }, at });
      expect([again.status, again.challenge]).toEqual([
        401,
        expect.stringMatching(/^DPoP error="invalid_dpop_proof", algs="RS256 .*ES256/),
      ]);
    }
    expect((await client.call(`DPoP ${token}`, { headers: { DPoP: await prove() }, at: sibling.url })).status).toBe(
      200,
    );
    const raced = { DPoP: await prove() };
    const together = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        client.call(`DPoP ${token}`, { headers: raced, at: n % 2 ? sibling.url : app.url }),
      ),
    );
    expect(together.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  it("opens nothing without a proof, with that of another request or key, or as a bearer", async () => {
    const { token, prove } = await boundClient();
    const other = await boundClient();
    const send = async (headers: Record<string, string>) => (await client.call(`DPoP ${token}`, { headers })).status;
    expect(await send({})).toBe(401);
    expect(await send({ DPoP: await prove({ htm: "POST" }) })).toBe(401);
    expect(await send({ DPoP: await prove({ htu: `${app.url}/api/calls/phone` }) })).toBe(401);
    expect(await send({ DPoP: await prove({ ath: "another" }) })).toBe(401);
    expect(await send({ DPoP: await prove({ iat: Math.floor(Date.now() / 1000) - 120 }) })).toBe(401);
    expect(await send({ DPoP: await other.prove() })).toBe(401);
    expect((await client.call(`Bearer ${token}`, { headers: { DPoP: await prove() } })).status).toBe(401);
    // Nor is one that is not bound taken for one that is.
    expect((await client.call(`DPoP ${await client.tokenWith()}`, { headers: { DPoP: await prove() } })).status).toBe(
      401,
    );
    expect(await send({ DPoP: await prove() })).toBe(200);
  });
});
