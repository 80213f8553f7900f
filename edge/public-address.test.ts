import { describe, expect, it } from "vitest";
import { isOtherAddress } from "./public-address";

describe("FF-13: another address of the app", () => {
  it.each([
    ["127.0.0.1:3000", "http://localhost:3000", true],
    ["[::1]:3000", "http://localhost:3000", true],
    ["localhost:3000", "http://127.0.0.1:3000", true],
    ["www.app.test", "https://app.test", true],
    ["app-git-main-team.vercel.app", "https://app.test", true],
    ["app.test", "https://app.test", false],
    ["APP.test:443", "https://app.test", false],
    // Another port is no other host to cookies.
    ["localhost:3001", "http://localhost:3000", false],
    // What a proxy in front may put in place of the name that the browser asked for.
    ["127.0.0.1:3000", "https://app.test", false],
    ["web:3000", "https://app.test", false],
    ["10.0.0.7:3000", "https://app.test", false],
    ["app.default.svc", "https://app.test", false],
    ["somewhere.example", "http://localhost:3000", false],
    [null, "https://app.test", false],
    ["a b", "https://app.test", false],
  ])("FF-13: %s is one of %s: %s", (host, own, isOther) => {
    expect(isOtherAddress(host, own)).toBe(isOther);
  });
});
