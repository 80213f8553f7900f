import { describe, expect, it } from "vitest";
import { createFormToken, isFormToken } from "./form-token";

const [newer, older, foreign] = [
  "4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e",
  "Zq7n3Gd1xKc5Vb9mPw2sHt6yRf4jLu8a",
  "mJ4kLp0wXs7vBn2cQe9rTy6uIo3aZd5f",
];
const binding = { kind: "session", id: "one" } as const;

describe("form tokens", () => {
  it("fit the browser or session that they were made for, and no other", async () => {
    const token = await createFormToken([newer], binding);
    expect(await isFormToken(token, [newer], binding)).toBe(true);
    expect(await isFormToken(token, [newer], { kind: "session", id: "two" })).toBe(false);
    expect(await isFormToken(token, [newer], { kind: "browser", id: "one" })).toBe(false);
    expect(await isFormToken(token, [foreign], binding)).toBe(false);
    for (const bad of [undefined, "", "x", `${token}.`, `${token}.${token}.${token}`, token.slice(1)]) {
      expect(await isFormToken(bad, [newer], binding)).toBe(false);
    }
  });

  it("SC-10: in each of the two steps, instances of before and after take each other's, and none when it is gone", async () => {
    const old = await createFormToken([older, newer], binding);
    const fresh = await createFormToken([newer, older], binding);
    for (const secrets of [
      [older, newer],
      [newer, older],
    ]) {
      for (const token of [old, fresh]) expect(await isFormToken(token, secrets, binding)).toBe(true);
    }
    expect(await isFormToken(old, [older], binding)).toBe(true);
    expect(await isFormToken(old, [newer], binding)).toBe(false);
    // As version 0.1.0 rendered them.
    expect(await isFormToken(`${fresh}.${old}`, [older], binding)).toBe(true);
  });
});
