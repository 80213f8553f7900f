import { UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { Configuration } from "@/edge/config";
import { describeProvider, type ProviderSettings } from "../settings/providers";
import { authorizationRequest, checkAudience, exchangeParameters, parseTarget, refreshParameters } from "./dialects";

const shop = "https://shopping.example/api";
const store = "https://store.example/api";

const config: Pick<Configuration, "providers" | "resources"> = {
  providers: { turned: { tokenDialect: "plain" } },
  resources: [
    { indicator: shop, scopes: ["shopping:read", "shopping:write"] },
    { indicator: store, scopes: ["store:read"], opaqueTokens: true },
    { indicator: "api://guid", scopes: ["Files.Read"], providers: ["entra"], audience: "1234-5678" },
  ],
};

function provider(change: Partial<ProviderSettings>): ProviderSettings {
  const variables = {
    id: "company",
    type: "oidc" as const,
    name: "Company",
    issuer: "https://company.example",
    clientId: "daemun",
    clientSecret: "secret",
  };
  const { tokenDialect = "resource", scope = "openid email", id = variables.id, reservedResources = [] } = change;
  return describeProvider(
    { ...variables, id },
    { tokenDialect, scope, reservedResources: [...reservedResources] },
    config,
  );
}

const company = provider({});
const logto = provider({
  scope: "openid urn:logto:scope:organizations",
  reservedResources: ["urn:logto:resource:organizations"],
});
const auth0 = provider({ tokenDialect: "audience" });
const entra = provider({ id: "entra", tokenDialect: "scope", scope: "openid offline_access" });
const google = provider({ tokenDialect: "plain" });

const noTarget = { resource: "", organization: "", scope: "" };
const jwt = (claims: Record<string, unknown>) => new UnsecuredJWT(claims).encode();

describe("an authorization request asks for every resource", () => {
  it("with repeated resource parameters (RFC 8707), and Logto's own where its preset says so", () => {
    expect(authorizationRequest(company)).toEqual({
      scope: "openid email shopping:read shopping:write store:read",
      parameters: [
        ["resource", shop],
        ["resource", store],
      ],
    });
    expect(authorizationRequest(logto).parameters).toContainEqual(["resource", "urn:logto:resource:organizations"]);
  });

  it("with the audience of the first (Auth0)", () => {
    expect(authorizationRequest(auth0).parameters).toEqual([["audience", shop]]);
  });

  it("by full scopes alone (Entra), and exchanges the code for userinfo's token", () => {
    expect(authorizationRequest(entra)).toEqual({
      scope: `openid offline_access ${shop}/shopping:read ${shop}/shopping:write ${store}/store:read api://guid/Files.Read`,
      parameters: [],
    });
    expect(exchangeParameters(entra)).toEqual([["scope", "openid offline_access"]]);
    expect(exchangeParameters(company)).toEqual([]);
  });

  it("FF-33: with the first resource alone, where several parameters are refused as a repeated one", () => {
    const one = provider({ tokenDialect: "one-resource" });
    expect(authorizationRequest(one).parameters).toEqual([["resource", shop]]);
    expect(refreshParameters(one, { resource: store, organization: "", scope: "" })).toEqual([["resource", store]]);
  });

  it("FF-33: by the scopes as they stand there (Keycloak, Okta), and refreshes for one resource without the scopes of another", () => {
    const keycloak = provider({ tokenDialect: "scopes" });
    const scope = "openid email shopping:read shopping:write store:read";
    expect(authorizationRequest(keycloak)).toEqual({ scope, parameters: [] });
    const target = { resource: store, organization: "", scope: "" };
    const granted = `${scope} organization:*`;
    expect(refreshParameters(keycloak, target, granted)).toEqual([["scope", "openid email organization:* store:read"]]);
    expect(refreshParameters(keycloak, noTarget, granted)).toEqual([]);
  });

  it("not at all at a provider with one token for everything, by preset or by configuration", () => {
    for (const plain of [google, provider({ id: "turned" })]) {
      expect(authorizationRequest(plain)).toEqual({ scope: "openid email", parameters: [] });
      expect(plain.resources).toEqual([]);
      expect(parseTarget(plain, { resource: shop })).toBe("unknown_resource");
    }
  });
});

describe("what an app asks for", () => {
  it("is a resource of this provider, or unknown", () => {
    expect(parseTarget(company, { resource: shop })).toEqual({ ...noTarget, resource: shop });
    for (const resource of [
      "https://rs9.test",
      "api://guid",
      `${shop}/`,
      shop.toUpperCase(),
      "../../",
      "x".repeat(2048),
    ])
      expect(parseTarget(company, { resource })).toBe("unknown_resource");
    expect(entra.resources.map(({ indicator }) => indicator)).toEqual([shop, store, "api://guid"]);
  });

  it("is an organization only where the provider gives their tokens", () => {
    expect(parseTarget(logto, { organization: "org_hanok" })).toEqual({ ...noTarget, organization: "org_hanok" });
    for (const other of [company, auth0, entra, google])
      expect(parseTarget(other, { organization: "org_hanok" })).toBe("unknown_organization");
  });

  it("is narrowed to scopes that the resource has; others are ignored, and all of them are no narrowing", () => {
    const scope = (scopes: string[]) => parseTarget(company, { resource: shop, scopes });
    expect(scope(["shopping:write", "email", "shopping:write"])).toEqual({
      ...noTarget,
      resource: shop,
      scope: "shopping:write",
    });
    expect(scope(["nothing"])).toEqual({ ...noTarget, resource: shop });
    expect(scope(["shopping:write", "shopping:read"])).toEqual({ ...noTarget, resource: shop });
    expect(parseTarget(company, { scopes: ["email", "shopping:read"] })).toEqual({ ...noTarget, scope: "email" });
  });
});

describe("a refresh asks", () => {
  const target = { ...noTarget, resource: shop };
  it.each([
    ["RFC 8707", company, target, [["resource", shop]]],
    [
      "RFC 8707, narrowed",
      company,
      { ...target, scope: "shopping:read" },
      [
        ["resource", shop],
        ["scope", "shopping:read"],
      ],
    ],
    ["Logto, for an organization", logto, { ...noTarget, organization: "o" }, [["organization_id", "o"]]],
    [
      "Logto, for both",
      logto,
      { ...target, organization: "o" },
      [
        ["resource", shop],
        ["organization_id", "o"],
      ],
    ],
    ["Auth0", auth0, target, [["audience", shop]]],
    ["Entra", entra, target, [["scope", `${shop}/shopping:read ${shop}/shopping:write openid offline_access`]]],
    ["Entra, for userinfo", entra, noTarget, [["scope", "openid offline_access"]]],
    ["with one token for everything", google, noTarget, []],
  ])("%s", (_, asked, what, parameters) => {
    expect(refreshParameters(asked, what)).toEqual(parameters);
  });
});

describe("an access token is refused", () => {
  const target = { ...noTarget, resource: shop };
  it.each([
    ["for another audience", company, target, jwt({ aud: store })],
    ["without an audience", company, target, jwt({ sub: "minsu" })],
    ["whose audience only begins alike", company, target, jwt({ aud: `${shop}/v2` })],
    ["of another organization", logto, { ...noTarget, organization: "o" }, jwt({ aud: "urn:logto:organization:p" })],
    [
      "for the resource, but another organization",
      logto,
      { ...target, organization: "o" },
      jwt({ aud: shop, organization_id: "p" }),
    ],
    ["that nobody can read", company, target, "opaque"],
    ["that nobody can read, from a provider whose tokens are JWTs", auth0, { ...noTarget, resource: store }, "opaque"],
  ])("%s", (_, from, what, token) => {
    expect(() => checkAudience(from, what, token)).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });

  it.each([
    ["for the one audience", company, target, jwt({ aud: shop })],
    ["for several audiences, this one among them", auth0, target, jwt({ aud: ["https://x.example/userinfo", shop] })],
    [
      "for the client id that configuration names",
      entra,
      { ...noTarget, resource: "api://guid" },
      jwt({ aud: "1234-5678" }),
    ],
    ["of the organization", logto, { ...noTarget, organization: "o" }, jwt({ aud: "urn:logto:organization:o" })],
    ["that nobody can read, where the resource says so", company, { ...noTarget, resource: store }, "opaque"],
    ["for userinfo, whatever it is", google, noTarget, "opaque"],
  ])("not when it is %s", (_, from, what, token) => {
    expect(() => checkAudience(from, what, token)).not.toThrow();
  });
});
