import { describe, expect, it } from "vitest";
import { isOtherAddress, requestedOrigin } from "./public-address";
import { isAlias, ownAliases, parseAliases } from "./url-aliases";

const pattern = "https://daemun-git-*-team.vercel.app";
const vercel = {
  VERCEL: "1",
  VERCEL_URL: "daemun-1a2b-team.vercel.app",
  VERCEL_BRANCH_URL: "daemun-git-x-team.vercel.app",
};

describe("FF-69: the aliases of the app", () => {
  it.each([
    ["https://daemun-git-main-team.vercel.app", true],
    ["https://daemun-git-a-b-2-team.vercel.app", true],
    ["https://second.example", true],
    ["https://daemun-git--team.vercel.app", false],
    ["https://daemun-git-a.b-team.vercel.app", false],
    ["https://daemun-git-evil.test/-team.vercel.app", false],
    ["https://daemun-git-a-team.vercel.app:8443", false],
    ["http://daemun-git-main-team.vercel.app", false],
    ["https://daemun-git-main-team.vercel.app.evil.test", false],
    ["https://evil.test", false],
    ["https://third.example", false],
    ["", false],
  ])("FF-69: %s is one: %s", (origin, is) => {
    expect(isAlias(origin, parseAliases(`${pattern}, https://Second.example:443`))).toBe(is);
  });

  it("FF-69: of a pattern only those are a deployment's own that the platform says it has", () => {
    expect(ownAliases({ AUTH_URL_ALIASES: `${pattern},https://second.example`, ...vercel })).toEqual([
      "https://second.example",
      "https://daemun-git-x-team.vercel.app",
    ]);
    expect(ownAliases({ AUTH_URL_ALIASES: pattern, ...vercel, VERCEL_ENV: "preview" })).toEqual([
      "https://daemun-git-x-team.vercel.app",
    ]);
    // Elsewhere anybody may have set such a variable, or nobody.
    expect(ownAliases({ AUTH_URL_ALIASES: pattern, ...vercel, VERCEL: undefined })).toEqual([]);
    expect(ownAliases(vercel)).toEqual([]);
  });

  it("FF-69: a deployment of production that was superseded signs nobody in by an address of its own", () => {
    const production = { ...vercel, VERCEL_ENV: "production" };
    expect(ownAliases({ AUTH_URL_ALIASES: `${pattern},https://second.example`, ...production })).toEqual([
      "https://second.example",
    ]);
  });

  it("FF-69: a request is for an alias only by a host that is one, else for the public address", () => {
    const own = ["https://second.example"];
    const at = (headers: Record<string, string>) => requestedOrigin(new Headers(headers), "https://app.example", own);
    expect(at({ host: "second.example" })).toBe("https://second.example");
    expect(at({ host: "internal:3000", "x-forwarded-host": "SECOND.example:443" })).toBe("https://second.example");
    for (const host of ["app.example", "third.example", "second.example:8443", "web:3000", "a b"])
      expect(at({ host })).toBe("https://app.example");
    expect(isOtherAddress("second.example", "https://app.example", own)).toBe(false);
    expect(isOtherAddress("third.example", "https://app.example", own)).toBe(true);
  });
});
