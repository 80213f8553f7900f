import { describe, expect, it } from "vitest";
import { metadataAddressOf, readSentToken, resourceOf } from "./access-token";

const sent = (authorization?: string) =>
  readSentToken(new Headers(authorization === undefined ? {} : { authorization }));

describe("the header of an access token", () => {
  it("names its scheme, in any case, and the token", () => {
    expect(sent("Bearer abc.DEF-1_2~3+4/5==")).toEqual({ scheme: "Bearer", token: "abc.DEF-1_2~3+4/5==" });
    expect(sent("bearer abc")).toEqual({ scheme: "Bearer", token: "abc" });
    expect(sent("dpop   abc")).toEqual({ scheme: "DPoP", token: "abc" });
  });

  it("is none, where there is none, or another scheme", () => {
    for (const value of [undefined, "", "Basic abc", "Bearerabc", "Token abc"]) expect(sent(value)).toBeNull();
  });

  it("is malformed with nothing behind the scheme, or with what is no token", () => {
    for (const value of ["Bearer", "Bearer  ", "DPoP a b", 'Bearer "a"', "Bearer a, Bearer b", "Bearer ä"])
      expect(sent(value)).toBe("malformed");
  });
});

it("the name of an API is the address of its gate, and its document lies below the host", () => {
  const origin = "https://app.example";
  expect(resourceOf(origin, { path: "/api/stock/*" })).toBe("https://app.example/api/stock");
  expect(resourceOf(origin, { path: "/api/stock" })).toBe("https://app.example/api/stock");
  expect(resourceOf(origin, { path: "/*" })).toBe("https://app.example");
  const documented = "https://app.example/.well-known/oauth-protected-resource/api/stock";
  expect(metadataAddressOf(origin, { path: "/api/stock/*" })).toBe(documented);
});
