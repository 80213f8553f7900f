import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { checkConfig, providersWithoutTrust } from "./check-config";

const { notes } = daemun.services;
const withNotes = (changed: object) => ({ ...daemun, services: { notes: { ...notes, ...changed } } });
const withClient = (changed: object) => withNotes({ authentication: { ...notes?.authentication, ...changed } });

describe("the services of daemun.config.ts", () => {
  it("are right as they ship", () => {
    expect(checkConfig()).toEqual([]);
    const google = { endpointHosts: ["oauth2.googleapis.com"], authorizationParameters: { access_type: "offline" } };
    expect(checkConfig(withClient(google))).toEqual([]);
  });

  it.each([
    ["an id that is no word of an address", { ...daemun, services: { "My Notes": notes } }, /services/],
    ["no scope at all", withClient({ scopes: [] }), /services\.notes\.authentication\.scopes/],
    ["two scopes in one", withClient({ scopes: ["notes:read notes:write"] }), /scopes\.0/],
    ["an optional scope that is none", withClient({ optionalScopes: [""] }), /optionalScopes\.0/],
    ["an endpoint that is no address", withClient({ tokenEndpoint: "/token" }), /tokenEndpoint/],
    ["a host that is an address", withClient({ endpointHosts: ["https://a.example"] }), /endpointHosts\.0/],
    ["a state of its own", withClient({ authorizationParameters: { state: "x" } }), /authorizationParameters/],
    [
      "a redirect URI of its own",
      withClient({ authorizationParameters: { redirect_uri: "x" } }),
      /authorizationParameters/,
    ],
    ["a secret", withClient({ clientSecret: "x" }), /services\.notes\.authentication/],
    [
      "a resource that nobody knows",
      withNotes({ authentication: { kind: "resource", resource: "https://x.example" } }),
      /resource/,
    ],
    ["a header that is the proxy's", withNotes({ requestHeaders: ["authorization"] }), /requestHeaders/],
  ])("may not have %s", (_, config, place) => {
    const faults = checkConfig(config);
    expect(faults).toEqual([expect.stringMatching(place)]);
    expect(faults[0]).toMatch(/^daemun\.config\.ts: /);
  });
});

describe("FF-18: whose roles count", () => {
  it("FF-18: is asked at start for each of several providers of which nothing is said, and for none that is alone", () => {
    const providers = { company: { trustRoles: true }, partner: { trustRoles: false }, third: { userInfoSeconds: 5 } };
    expect(providersWithoutTrust("trustRoles", ["company", "partner"], { providers })).toEqual([]);
    expect(providersWithoutTrust("trustRoles", ["company", "third", "fourth"], { providers })).toEqual([
      "third",
      "fourth",
    ]);
    expect(providersWithoutTrust("trustRoles", ["fourth"], { providers })).toEqual([]);
  });
});

describe("FF-46: whose addresses count", () => {
  it("FF-46: is asked at start for each of several providers, apart from roles", () => {
    const providers = { company: { trustEmail: ["company.example"] }, partner: { trustRoles: true } };
    expect(providersWithoutTrust("trustEmail", ["company", "partner"], { providers })).toEqual(["partner"]);
    expect(providersWithoutTrust("trustEmail", ["partner"], { providers })).toEqual([]);
  });

  it("FF-46: nobody may assume addresses of any tenant to be verified", () => {
    const withProvider = (said: object) => checkConfig({ ...daemun, providers: { work: said } });
    const signIn = { tenants: "any" };
    for (const assumeEmailVerified of [true, ["company.example"]])
      expect(withProvider({ assumeEmailVerified, signIn })).toEqual([
        expect.stringMatching(/^daemun\.config\.ts: providers\.work\.assumeEmailVerified: /),
      ]);
    expect(withProvider({ assumeEmailVerified: true, signIn: { tenants: ["t-1"] } })).toEqual([]);
  });
});

it("tokens of a resource are bound to a key that stays here, or go to the browser, and not both", () => {
  const withResource = (said: object) =>
    checkConfig({ ...daemun, resources: [{ indicator: "https://a.example", scopes: [], ...said }], services: {} });
  expect(withResource({ dpop: true, exposeToBrowser: true })).toEqual([expect.stringContaining("resources.0: ")]);
  for (const said of [{ dpop: true }, { exposeToBrowser: true }, { dpop: false, exposeToBrowser: true }])
    expect(withResource(said)).toEqual([]);
});
