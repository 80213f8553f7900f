import { compactDecrypt, EncryptJWT, jwtDecrypt } from "jose";
import { describe, expect, it } from "vitest";
import { createSealer } from "./sealing";
import { createSessionCookieCodec, idleDeadlineFrom, reissueSeconds, type SessionClaims } from "./session-cookie";

const now = new Date("2026-11-21T12:00:00Z");
const seconds = now.getTime() / 1000;
const secret = "4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e";
const other = "Zq7n3Gd1xKc5Vb9mPw2sHt6yRf4jLu8a";

const claims: SessionClaims = {
  sub: "5e0e3c6e-0a0b-4c57-9a52-0a6c1de7f001",
  sid: "v0mA5y7hQyJq3yqk3m0G8i4E0mFQ0yqV0d0G5yJq3yk",
  provider: "company",
  roles: ["admin"],
  authTime: seconds - 10,
  issuedAt: seconds,
  idleSeconds: 1800,
  idleDeadline: seconds + 1860,
  absoluteDeadline: seconds + 43_200,
};

/** The key that sealing derives from a secret, for whoever got hold of it. */
async function keyOf(leaked: string, purpose: string): Promise<CryptoKey> {
  const [info, salt] = [new TextEncoder().encode(`daemun ${purpose} key`), new Uint8Array()];
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(leaked), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, material, 256);
  return crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
}

describe("the session cookie", () => {
  const codec = createSessionCookieCodec([secret], true);

  it("gives back what was sealed, in fewer than 1,500 bytes and in no readable form", async () => {
    const value = await codec.seal(claims);
    expect(await codec.read(value, now)).toEqual({ kind: "valid", claims });
    expect(value.length).toBeLessThan(700);
    expect(Buffer.from(value.split(".")[3] ?? "", "base64url").toString("latin1")).not.toContain("company");
  });

  it("SC-02: whatever is changed in any of its five parts makes it invalid, and nothing throws", async () => {
    const value = await codec.seal(claims);
    const parts = value.split(".");
    for (let part = 0; part < 5; part += 1) {
      const bytes = Buffer.from(parts[part] ?? "", "base64url");
      if (bytes.length === 0) bytes[0] = 1;
      else bytes[0] = (bytes[0] ?? 0) ^ 1;
      const changed = parts.map((text, at) => (at === part ? bytes.toString("base64url") || "AA" : text)).join(".");
      expect(await codec.read(changed, now)).toEqual({ kind: "invalid" });
    }
  });

  it.each(["x", "a.b.c", "....", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "%", "\u00ff\u00fe", "x".repeat(5000)])(
    "SC-02: %j is invalid",
    async (value) => {
      expect(await codec.read(value, now)).toEqual({ kind: "invalid" });
    },
  );

  it("SC-02: a cookie of another secret, and one sealed for another purpose, are invalid", async () => {
    const foreign = await createSessionCookieCodec([other], true).seal(claims);
    expect(await codec.read(foreign, now)).toEqual({ kind: "invalid" });
    const transaction = await createSealer([secret], "transaction").seal({ sub: "a", sid: "b" }, seconds + 60);
    expect(await codec.read(transaction, now)).toEqual({ kind: "invalid" });
  });

  it("SC-10: a cookie of the older secret is good while both are configured, and invalid after", async () => {
    const old = await createSessionCookieCodec([other], true).seal(claims);
    expect((await createSessionCookieCodec([secret, other], true).read(old, now)).kind).toBe("valid");
    expect((await createSessionCookieCodec([secret], true).read(old, now)).kind).toBe("invalid");
  });

  it("SC-10: while secrets change, instances with and without the newest open what the others seal", async () => {
    const [told, untold, done] = [[secret, other], [other], [secret]].map((secrets) =>
      createSessionCookieCodec(secrets, true),
    );
    const value = (await told?.seal(claims)) ?? "";
    expect(value.length).toBeLessThan(1500);
    expect(value).toMatch(/^[\w.~-]+$/);
    for (const codec of [told, untold, done]) expect(await codec?.read(value, now)).toEqual({ kind: "valid", claims });
    const stranger = createSessionCookieCodec(["mJ4kLp0wXs7vBn2cQe9rTy6uIo3aZd5f"], true);
    expect(await stranger.read(value, now)).toEqual({ kind: "invalid" });
    expect((await told?.read((await untold?.seal(claims)) ?? "", now))?.kind).toBe("valid");
  });

  it("SC-02: a cookie for two secrets is as whole as one for one", async () => {
    const both = createSessionCookieCodec([secret, other], true);
    const parts = (await both.seal(claims)).split("~");
    const another = (await both.seal({ ...claims, sub: "somebody-else" })).split("~");
    expect(parts).toHaveLength(3);
    const changed = [
      parts.slice(0, 2),
      parts.slice(2),
      [parts[0], parts[1], another[2]],
      [another[0], another[1], parts[2]],
      [parts[0]],
      [parts[0], parts[0]],
      ["", "", parts[2]],
      ["x", "y", parts[2]],
      [...parts, ""],
      Array(500).fill("~"),
    ];
    for (const pieces of changed) expect(await both.read(pieces.join("~"), now)).toEqual({ kind: "invalid" });
    const foreign = (await createSealer([secret, other], "transaction").seal({ sub: "a" }, seconds + 60)).split("~");
    expect(await both.read([foreign[0], parts[1], foreign[2]].join("~"), now)).toEqual({ kind: "invalid" });
  });

  it("SC-10: who knows a secret that was taken away cannot turn a cookie of the change into another", async () => {
    const [newest = "", oldest = "", body = ""] = (
      await createSessionCookieCodec([secret, other], true).seal(claims)
    ).split("~");
    const leaked = await keyOf(other, "session");
    const { plaintext } = await compactDecrypt(oldest, leaked);
    const own = plaintext.subarray(0, 32);
    const { payload } = await jwtDecrypt(body, own, { currentDate: now });
    const forged = await new EncryptJWT({ ...payload, rol: ["admin"] })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .setExpirationTime(seconds + 10 * 365 * 86_400)
      .encrypt(own);
    const done = createSessionCookieCodec([secret], true);
    expect((await done.read([newest, oldest, body].join("~"), now)).kind).toBe("valid");
    expect(await done.read([newest, oldest, forged].join("~"), now)).toEqual({ kind: "invalid" });
    expect(await done.read([newest, forged].join("~"), now)).toEqual({ kind: "invalid" });
  });

  it("says which deadline has passed, also for a cookie that it remembers", async () => {
    const value = await codec.seal(claims);
    await codec.read(value, now);
    expect(await codec.read(value, new Date((seconds + 1861) * 1000))).toMatchObject({
      kind: "stale",
      deadline: "idle",
    });
    expect(await codec.read(value, new Date((seconds + 43_200) * 1000))).toMatchObject({
      kind: "stale",
      deadline: "absolute",
    });
  });

  it("does without a cookie", async () => {
    expect(await codec.read(undefined, now)).toEqual({ kind: "absent" });
  });

  it("is named and marked for https and for loopback", () => {
    expect(codec.name).toBe("__Host-daemun.session");
    expect(codec.attributes(60)).toEqual({ httpOnly: true, sameSite: "lax", secure: true, path: "/", maxAge: 60 });
    expect(createSessionCookieCodec([secret], false).name).toBe("daemun.session");
  });

  it("never has an idle deadline past the absolute one", () => {
    expect(idleDeadlineFrom(1000, 1800, 2000)).toBe(2000);
    expect(reissueSeconds(1800)).toBe(60);
    expect(reissueSeconds(5)).toBe(1);
  });
});
