import { EncryptJWT } from "jose";
import { describe, expect, it } from "vitest";
import { sealJoined } from "@/e2e/support/joined-value";
import { createSealer } from "./sealing";

const now = new Date("2026-11-21T12:00:00Z");
const expiresAt = now.getTime() / 1000 + 60;
const secret = "4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e";
const other = "Zq7n3Gd1xKc5Vb9mPw2sHt6yRf4jLu8a";
const both = createSealer([secret, other], "session");
const joined = (sub: string, own?: Uint8Array) => sealJoined([secret, other], "session", { sub }, expiresAt, own);

describe("a value that version 0.1.0 sealed for two secrets", () => {
  it("SC-10: opens with either secret, until it ends, and with no other", async () => {
    const value = await joined("a");
    for (const secrets of [[secret], [other], [other, secret], ["mJ4kLp0wXs7vBn2cQe9rTy6uIo3aZd5f", other]]) {
      expect((await createSealer(secrets, "session").open(value, now))?.sub).toBe("a");
    }
    expect(await createSealer(["mJ4kLp0wXs7vBn2cQe9rTy6uIo3aZd5f"], "session").open(value, now)).toBeNull();
    expect(await createSealer([secret], "transaction").open(value, now)).toBeNull();
    expect(await both.open(value, new Date((expiresAt + 1) * 1000))).toBeNull();
  });

  it("SC-02: is nothing when a part of it is changed, missing, or another's", async () => {
    const [first = "", second = "", body = ""] = (await joined("a")).split("~");
    const another = (await joined("b")).split("~");
    for (const pieces of [
      [first, second],
      [body],
      [first, second, another[2]],
      [another[0], another[1], body],
      ["", "", body],
      ["x", "y", body],
      [first, second, body, ""],
      Array(500).fill(""),
    ]) {
      expect(await both.open(pieces.join("~"), now)).toBeNull();
    }
  });

  it("SC-10: who knows the key inside, by a secret that was taken away, cannot turn it into another", async () => {
    const own = new Uint8Array(32).fill(7);
    const [first, second] = (await joined("a", own)).split("~");
    const forged = await new EncryptJWT({ sub: "admin" })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .setExpirationTime(expiresAt)
      .encrypt(own);
    expect(await createSealer([secret], "session").open([first, second, forged].join("~"), now)).toBeNull();
  });
});
