import { randomBytes } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from "jose";
import { beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { rotateVaultKeys } from "../tokens/rotate-keys";
import { leadSeconds, makeFirstKeys, readKeys, rotateSigningKey } from "./key-store";
import { signActor, signAssertion } from "./sign";

const authUrl = "https://app.example";
const assertion = { authentication: { kind: "assertion", audience: "https://reports.example" } };
const former = { id: "k1", key: randomBytes(32) };

let databaseUrl: string;
beforeAll(async () => {
  databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
});
beforeEach(async () => {
  provideEnv({ databaseUrl, authUrl, vaultKeys: [former], services: [assertion] as never });
  await db.$executeRaw`TRUNCATE "SigningKey"`;
  forget();
});

/** As if the seconds were over for which a process goes by what it read. */
function forget(): void {
  delete (globalThis as { daemunSigningKeys?: unknown }).daemunSigningKeys;
}

const sign = () =>
  signAssertion({
    subject: "u1",
    audience: "https://reports.example",
    algorithm: "ES256",
    lifetimeSeconds: 60,
    claims: {},
  });
const kid = async () => decodeProtectedHeader(await sign()).kid;

describe("the keys that this app signs with", () => {
  it("are one for each algorithm, however many make the first at once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => makeFirstKeys(["ES256", "RS256"])));
    expect((await readKeys()).map(({ algorithm }) => algorithm).sort()).toEqual(["ES256", "RS256"]);
  });

  it("sign what their published half verifies, each time with another jti", async () => {
    const [one, other] = [await sign(), await sign()];
    const [key] = await readKeys();
    const published = await importJWK(key?.publicKey as JWK, "ES256");
    const expected = { issuer: authUrl, audience: "https://reports.example", typ: "at+jwt" };
    const { payload, protectedHeader } = await jwtVerify(one, published, expected);
    expect([protectedHeader.kid, payload.sub, payload.act]).toEqual([key?.id, "u1", { sub: authUrl }]);
    expect(decodeJwt(other).jti).not.toBe(payload.jti);
    expect(key?.publicKey).not.toHaveProperty("d");
    // An actor's statement passes for no assertion.
    await expect(jwtVerify(await signActor(expected.audience), published, expected)).rejects.toThrow(/typ/);
  });

  it("take turns: the next is published for an hour before it signs, and the former for as long as its tokens live", async () => {
    const first = await kid();
    const made = await rotateSigningKey("ES256");
    if (made.kind !== "made") throw new Error("Nothing was made.");
    expect(made).toMatchObject({ signsInSeconds: leadSeconds, former: 1 });
    forget();
    expect((await readKeys()).map(({ id }) => id)).toEqual([made.key, first]);
    expect(await kid()).toBe(first);
    expect(await rotateSigningKey("ES256")).toMatchObject({ kind: "waiting", key: made.key });
    await db.$executeRaw`UPDATE "SigningKey" SET "signsFrom" = "signsFrom" - interval '1 hour', "expiresAt" = "expiresAt" - interval '1 hour'`;
    forget();
    expect(await kid()).toBe(made.key);
    expect((await readKeys()).map(({ id }) => id)).toEqual([made.key, first]);
    await db.$executeRaw`UPDATE "SigningKey" SET "expiresAt" = "expiresAt" - interval '15 minutes'`;
    expect((await readKeys()).map(({ id }) => id)).toEqual([made.key]);
    await rotateSigningKey("ES256");
    expect(await db.$queryRaw`SELECT count(*)::int AS count FROM "SigningKey"`).toEqual([{ count: 2 }]);
  });

  it("are withdrawn at once where somebody else may have one", async () => {
    const stolen = await kid();
    const made = await rotateSigningKey("ES256", { atOnce: true });
    forget();
    expect((await readKeys()).map(({ id }) => id)).toEqual([made.key]);
    expect(await kid()).toBe(made.key);
    expect(made.key).not.toBe(stolen);
  });

  it("are re-sealed with the vault's, and open in no other row", async () => {
    await makeFirstKeys(["ES256", "RS256"]);
    provideEnv({
      databaseUrl,
      authUrl,
      vaultKeys: [{ id: "k2", key: randomBytes(32) }, former],
      services: [assertion] as never,
    });
    expect(await rotateVaultKeys(() => {})).toMatchObject({ resealed: 2, broken: 0, unknown: 0 });
    expect((await readKeys()).every(({ sealedPrivateKey }) => sealedPrivateKey.startsWith("v2.k2."))).toBe(true);
    const [one, other] = await readKeys();
    await db.$executeRaw`UPDATE "SigningKey" SET "sealedPrivateKey" = ${other?.sealedPrivateKey} WHERE id = ${one?.id}::uuid`;
    await db.$executeRaw`UPDATE "SigningKey" SET "sealedPrivateKey" = ${one?.sealedPrivateKey} WHERE id = ${other?.id}::uuid`;
    forget();
    await expect(sign()).rejects.toThrow(/failed authentication/);
  });
});
