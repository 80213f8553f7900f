import { describe, expect, it } from "vitest";
import { parseLocalPath, parseReturnPath, parseSignedOutPath, signInAddress } from "./return-path";

const origin = "https://app.example.test";

describe("return paths", () => {
  it.each([
    "/",
    "/x?y=1&z=%2F#frag",
    "/deep/er/path?returnTo=/elsewhere",
    "/orders/42?note=50%25",
    "/a%20b",
    `/long?q=${"x".repeat(1500)}`,
    "/x?u=https://evil.test//",
  ])("OR-03: the return path %s is kept exactly", (path) => {
    expect(parseReturnPath(path)).toBe(path);
  });

  it("OR-03: a path in Korean is kept, percent-encoded as headers need it", () => {
    expect(parseReturnPath("/주문/한옥?q=가")).toBe(encodeURI("/주문/한옥?q=가"));
  });

  const hostile = [
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "https:evil.test",
    "https://evil.test",
    "https:/evil.test",
    "http:///evil.test",
    "//APP@evil.test",
    "https://app.example.test@evil.test",
    "https://app.example.test.evil.test",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/%09/evil.test",
    "/%0a/evil.test",
    "/%2Fevil.test",
    "/%2fevil.test",
    "/%5Cevil.test",
    "/%5c%5cevil.test",
    "/.//evil.test",
    "/..//evil.test",
    "/a/..//evil.test",
    "/a/../..//evil.test",
    "/%2e%2e//evil.test",
    "/./\\evil.test",
    "/%00/evil.test",
    "/\u0000/evil.test",
    "//evil.test/%2e%2e",
    "//[::1]",
    "//①②③.test",
    "/\u2028/x\\evil",
    "?x",
    "#x",
    "",
    "evil.test",
    ".evil.test",
    "@evil.test",
    "/%",
    "/%zz",
  ];
  it.each(hostile)("OR-01: the return path %j never leads off this origin", (input) => {
    for (const read of [input, safeDecode(input)]) {
      const path = parseReturnPath(read);
      expect(new URL(path, origin).origin).toBe(origin);
      expect(path.startsWith("/")).toBe(true);
      expect(path.startsWith("//")).toBe(false);
      // A browser may decode once more on its way.
      expect(new URL(safeDecode(path), origin).origin).toBe(origin);
    }
  });

  it.each([
    "/sign-in",
    "/sign-in?x=1",
    "/SIGN-IN",
    "/sign-out#a",
    "/signed-out",
    "/auth-error?code=x",
    "/api/me",
    "/api",
    "/%61pi/me",
    "/sign%2Din",
  ])("%s is no place to land on", (path) => {
    expect(parseReturnPath(path)).toBe("/account");
  });

  it.each([undefined, null, 7, {}, ["/x"], "x".repeat(3000), `/${"x".repeat(3000)}`])(
    "%j becomes the account page",
    (input) => {
      expect(parseReturnPath(input)).toBe("/account");
    },
  );

  it("a path that only begins like an endpoint is an ordinary path", () => {
    expect(parseReturnPath("/apis")).toBe("/apis");
    expect(parseReturnPath("/sign-in-help")).toBe("/sign-in-help");
  });

  it("a local path may be an endpoint: somebody changes the language on the sign-in page", () => {
    expect(parseLocalPath("/sign-in?returnTo=%2Fx")).toBe("/sign-in?returnTo=%2Fx");
    expect(parseLocalPath("//evil.test")).toBeNull();
  });
});

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

describe("a long return path on the sign-in page's address", () => {
  it.each([`/account?q=${"%EA%B0%80".repeat(220)}`, `/account?q=${"%26".repeat(600)}`, `/${"a/".repeat(1000)}x`])(
    "FF-21: comes back to the letter, and the address stays below 3,000 bytes",
    (path) => {
      const address = signInAddress(path);
      expect(address.length).toBeLessThan(3000);
      expect(parseReturnPath(new URL(address, "http://app.test").searchParams.get("returnTo"))).toBe(path);
    },
  );

  it.each(["~", "~%%%", "~Ly9ldmlsLnRlc3Q", "~aHR0cHM6Ly9ldmlsLnRlc3Q", "~L3NpZ24taW4", `~${"A".repeat(5000)}`])(
    "FF-21: is judged like any other: %j",
    (input) => {
      expect(parseReturnPath(input)).toBe("/account");
    },
  );
});

describe("where a sign-out may lead", () => {
  it.each(["/", "/goodbye?from=menu#top", "/sign-in", "/signed-out"])("to %s", (path) => {
    expect(parseSignedOutPath(path)).toBe(path);
  });

  it.each([
    "//evil.test",
    "/\\evil.test",
    "https://evil.test",
    "/sign-out",
    "/api/me",
    "/%61pi/me",
    "/a/../b",
    "",
    null,
    7,
  ])("not to %j", (input) => {
    expect(parseSignedOutPath(input)).toBeNull();
  });
});
