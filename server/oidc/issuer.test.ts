import { describe, expect, it } from "vitest";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { discoveredIssuer, isIssuerOf, issuerFor } from "./issuer";

const one = { ...standardProvider, issuer: "https://one.example" } as unknown as ProviderSettings;
const many = {
  ...one,
  issuer: "https://many.example/common/v2.0",
  issuerTemplate: "https://many.example/{tenantid}/v2.0",
};

describe("the issuer", () => {
  it("FF-37: of a provider with one is that one, whatever tenant a token names", () => {
    expect(issuerFor(one, "t-1")).toBe("https://one.example");
    expect(discoveredIssuer(one)).toBe("https://one.example");
    expect(isIssuerOf(one, "https://one.example")).toBe(true);
    expect(isIssuerOf(one, "https://one.example/")).toBe(false);
  });

  it("FF-37: of a provider of many tenants follows from the tenant, which is one word", () => {
    expect(issuerFor(many, "t-1")).toBe("https://many.example/t-1/v2.0");
    expect(discoveredIssuer(many)).toBe("https://many.example/{tenantid}/v2.0");
    expect(isIssuerOf(many, "https://many.example/t-1/v2.0")).toBe(true);
    for (const issuer of [
      "https://many.example/a/b/v2.0",
      "https://many.example//v2.0",
      "https://many.example/v2.0",
      "https://evil.example/t-1/v2.0",
      "",
      null,
    ])
      expect(isIssuerOf(many, issuer), String(issuer)).toBe(false);
    for (const tid of ["", "a/b", "a.b", "a b", "t".repeat(65), 1, null, undefined, ["t-1"]])
      expect(issuerFor(many, tid), String(tid)).toBeNull();
  });
});
