import { describe, expect, it } from "vitest";
import { presets } from "./presets/presets";
import { readProviders, scopesLeftOut } from "./read-providers";

const read = (source: Record<string, string>) => {
  const faults: string[] = [];
  return { providers: readProviders(source, { allowHttpLoopback: false }, faults), faults };
};
const company = {
  AUTH_COMPANY_ID: "daemun",
  AUTH_COMPANY_SECRET: "s3cret",
  AUTH_COMPANY_ISSUER: "https://id.company.example",
};

describe("a provider of the environment", () => {
  it("FF-32: is not asked for offline access by the preset of Keycloak", () => {
    const { providers } = read({ ...company, AUTH_COMPANY_TYPE: "keycloak" });
    const [keycloak] = providers;
    expect(`${keycloak?.scope} ${keycloak?.scopesWhereSupported.join(" ")}`).not.toContain("offline_access");
  });

  it("FF-50: that leaves out what refresh tokens need is known by it, and one that does not is not", () => {
    const leftOut = (scope?: string) => {
      const { providers } = read({
        ...company,
        ...(scope && { AUTH_COMPANY_SCOPE: scope }),
        AUTH_COMPANY_TYPE: "auth0",
      });
      return providers.flatMap(scopesLeftOut);
    };
    expect(leftOut("openid email phone")).toEqual(["offline_access"]);
    expect(leftOut("openid email offline_access")).toEqual([]);
    expect(leftOut()).toEqual([]);
  });

  it.each(Object.keys(presets))(
    "%s: what its preset lacks is named by variable, with the form of its issuer",
    (type) => {
      const { faults } = read({ AUTH_COMPANY_ID: "daemun", AUTH_COMPANY_TYPE: type });
      for (const fault of faults) expect(fault).toMatch(/^AUTH_COMPANY_[A-Z_]+ /);
      expect(faults.length).toBeGreaterThan(0);
    },
  );

  it("is not what only signs a client's secret", () => {
    const ids = read({ ...company, AUTH_COMPANY_TEAM_ID: "T", AUTH_COMPANY_KEY_ID: "K" }).providers.map(({ id }) => id);
    expect(ids).toEqual(["company"]);
  });

  it.each([
    ["TYPE", "keycloack"],
    ["ID_TOKEN_ALG", "HS256"],
    ["CLIENT_AUTH", "tls_client_auth"],
    ["PUSHED_AUTHORIZATION", "required"],
    ["DPOP", "yes"],
    ["DISCOVERY_URL", "http://id.company.example/metadata"],
    ["FORMER_ISSUER", "id.company.example"],
    ["BACKCHANNEL_REQUIRE_EXP", "no"],
    ["PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\\nnone"],
  ])("is refused with AUTH_COMPANY_%s=%s, by that name", (name, value) => {
    const { faults } = read({ ...company, [`AUTH_COMPANY_${name}`]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^AUTH_COMPANY_${name} `))]);
  });
});
