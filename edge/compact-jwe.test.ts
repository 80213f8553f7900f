import { CompactEncrypt, compactDecrypt } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { decryptCompact, encodeBase64url, encryptCompact } from "./compact-jwe";
import { deriveKey, keyNamedIn, type SealingKey } from "./sealing-keys";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const plain = new TextEncoder().encode('{"sub":"대문"}');
const secret = "4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e";
let key: SealingKey;

beforeAll(async () => {
  key = await deriveKey(secret, "session");
});

function byLibrary(header: Record<string, unknown>, options = {}): Promise<string> {
  return new CompactEncrypt(plain)
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", ...header })
    .encrypt(key.key, options);
}

const open = (jwe: string) => decryptCompact(jwe, keyNamedIn([key]));

describe("a JWE of ours", () => {
  it("is read by an instance of before, which reads by jose, and so is its by us", async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(await encryptCompact(plain, key), key.key);
    expect(text(plaintext)).toBe(text(plain));
    expect(protectedHeader).toEqual({ alg: "dir", enc: "A256GCM", kid: key.id });
    expect(text(await open(await byLibrary({ kid: key.id })))).toBe(text(plain));
  });

  it("is another each time, whoever it is for", async () => {
    const sealed = await Promise.all([encryptCompact(plain, key), encryptCompact(plain, key)]);
    expect(new Set(sealed.map((jwe) => jwe.split(".")[2])).size).toBe(2);
  });

  it("SC-02: does not open with any of its characters changed", async () => {
    const jwe = await encryptCompact(plain, key);
    for (let at = 0; at < jwe.length; at += 1) {
      const changed = `${jwe.slice(0, at)}${jwe[at] === "A" ? "B" : "A"}${jwe.slice(at + 1)}`;
      const read = await open(changed).then(text, () => null);
      // The last character of a part may have bits that stand for nothing.
      if (read !== null) expect([read, jwe[at + 1] ?? "."]).toEqual([text(plain), "."]);
    }
  });

  it("opens for nobody who adds to its header, though they knew the key", async () => {
    await expect(open(await byLibrary({ kid: key.id, zip: "DEF" }))).rejects.toThrow();
    await expect(open(await byLibrary({ kid: key.id, typ: "JWT" }))).rejects.toThrow();
    await expect(open(await byLibrary({ kid: key.id, crit: ["b"], b: 1 }, { crit: { b: true } }))).rejects.toThrow();
    await expect(open(await byLibrary({ kid: "other" }))).rejects.toThrow();
    await expect(open(await byLibrary({}))).rejects.toThrow();
  });

  it("is nothing with another algorithm, a key inside, a short tag, padding, or parts too few or too many", async () => {
    const [header = "", , nonce = "", body = "", tag = ""] = (await encryptCompact(plain, key)).split(".");
    const headerOf = (value: unknown) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
    const withHeader = (value: unknown) => [headerOf(value), "", nonce, body, tag].join(".");
    for (const jwe of [
      "",
      "....",
      header,
      [header, "", nonce, body].join("."),
      [header, "", nonce, body, tag, ""].join("."),
      [header, "AAAA", nonce, body, tag].join("."),
      [header, "", nonce, body, tag.slice(0, 16)].join("."),
      [header, "", nonce, body, `${tag}==`].join("."),
      [header, "", nonce.slice(0, 12), body, tag].join("."),
      withHeader({ alg: "none", enc: "A256GCM", kid: key.id }),
      withHeader({ alg: "dir", enc: "A128GCM", kid: key.id }),
      withHeader({ alg: "dir", enc: "A256GCM", kid: 1 }),
      withHeader(null),
      withHeader("dir"),
    ]) {
      await expect(open(jwe)).rejects.toThrow();
    }
  });
});
