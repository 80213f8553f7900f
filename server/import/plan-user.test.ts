import { expect, it } from "vitest";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { importedId, isUnmistakable, planUser } from "./plan-user";
import type { SourceAccount, SourceUser } from "./source";

const standard = standardProvider as unknown as ProviderSettings;
const company: ProviderSettings = { ...standard, id: "only", issuer: "https://i.example", formerIssuer: null };
const template = "https://login.example/{tenantid}/v2.0";
const tenants: ProviderSettings = { ...company, id: "tenants", issuer: template, issuerTemplate: template };
const mapping = (...providers: ProviderSettings[]) => {
  // The addresses of an only provider count.
  provideEnv({ providers: providers.slice(0, 1) });
  return {
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    services: new Map(),
    assumed: new Set<string>(),
    source: null,
    earlier: new Set<string>(),
  };
};

const idToken = (iss: string) =>
  ["e30", Buffer.from(JSON.stringify({ iss })).toString("base64url"), "signature"].join(".");

const account = (more: Partial<SourceAccount> = {}): SourceAccount => ({
  provider: "only",
  subject: "s-1",
  accessToken: null,
  accessTokenExpiresAt: null,
  refreshToken: null,
  idToken: null,
  scope: null,
  ...more,
});
const user = (more: Partial<SourceUser> = {}): SourceUser => ({
  id: "7",
  name: "Minsu",
  email: "Minsu@Company.example",
  emailVerified: new Date(0),
  image: "https://cdn.example/a.png",
  createdAt: null,
  isBanned: false,
  accounts: [account()],
  ...more,
});

it("an id that is a UUID stays, and any other becomes the same one each time", () => {
  const own = "0F9D7C1E-5D0A-4F57-9C58-9D1F4A0C9B11";
  expect(importedId(own)).toBe(own.toLowerCase());
  expect(importedId("7")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(importedId("7")).toBe(importedId("7"));
  expect(importedId("7")).not.toBe(importedId("07"));
});

it("the same id in two databases that have names becomes two, and without a name what it has always been", () => {
  expect(importedId("7", "shop")).not.toBe(importedId("7", "forum"));
  expect(importedId("7", "shop")).not.toBe(importedId("7"));
  expect(importedId("7")).toBe("0ec10eb2-31e4-85d2-a437-d56f829306df");
  expect(planUser(user(), { ...mapping(company), source: "shop" }).id).toBe(importedId("7", "shop"));
});

it("a verified address of a provider that is trusted comes along in lower case", () => {
  expect(planUser(user(), mapping(company))).toMatchObject({
    email: "minsu@company.example",
    emailVerified: new Date(0),
  });
});

it.each<[string, Partial<SourceUser>]>([
  ["nobody has verified", { emailVerified: null }],
  ["is none", { email: "minsu" }],
  ["has no account to vouch for it", { accounts: [] }],
])("an address that %s stays behind", (_, more) => {
  expect(planUser(user(more), mapping(company))).toMatchObject({ email: null, emailVerified: null });
});

it.each<[string, Partial<SourceAccount>, string | null]>([
  ["without an ID token", {}, null],
  ["whose ID token is this provider's", { idToken: idToken("https://i.example") }, null],
  ["whose ID token is another's", { idToken: idToken("https://other.example") }, "issuer"],
  ["of a provider that is not here", { provider: "github" }, "not_mapped"],
  ["without a subject", { subject: "" }, "subject"],
  ["whose subject PostgreSQL would not take", { subject: "a\0b" }, "subject"],
])("an account %s", (_, more, fault) => {
  const { accounts, faults } = planUser(user({ accounts: [account(more)] }), mapping(company));
  expect(faults.map((found) => found.fault)).toEqual(fault === null ? [] : [fault]);
  expect(accounts).toHaveLength(fault === null ? 1 : 0);
});

it("of a provider with an issuer for each tenant, the ID token says which; without one nobody knows", () => {
  const own = "https://login.example/t-1/v2.0";
  const known = user({ accounts: [account({ provider: "tenants", idToken: idToken(own) })] });
  expect(planUser(known, mapping(tenants)).accounts).toEqual([
    { provider: "tenants", subject: "s-1", issuer: own, type: "oidc" },
  ]);
  const unknown = user({ accounts: [account({ provider: "tenants" })] });
  expect(planUser(unknown, mapping(tenants)).faults).toEqual([{ provider: "tenants", fault: "issuer" }]);
});

it.each(["javascript:alert(1)", "http://cdn.example/a.png", "data:image/png;base64,AA", "not an address"])(
  "a picture at %s stays behind",
  (image) => {
    expect(planUser(user({ image }), mapping(company)).image).toBeNull();
  },
);

it("of a provider that only has the same id here, an account counts where its ID token names the issuer", () => {
  const assumed = { ...mapping(company), assumed: new Set(["only"]) };
  const fault = (idToken: string | null) =>
    planUser(user({ accounts: [account({ idToken })] }), assumed).faults.map((found) => found.fault);
  expect(fault(null)).toEqual(["not_named"]);
  expect(fault("no token")).toEqual(["not_named"]);
  expect(fault(idToken("https://other.example"))).toEqual(["issuer"]);
  expect(fault(idToken("https://i.example"))).toEqual([]);
});

it.each([
  ["google", "google", "https://accounts.google.com", true],
  ["google", "oidc", "https://accounts.google.com", false],
  ["company", "google", "https://accounts.google.com", false],
  ["company", "oidc", "https://i.example", false],
  ["keycloak", "keycloak", "https://i.example/realms/a", false],
  ["gitlab", "gitlab", "https://gitlab.company.example", false],
] as const)("a provider %s of type %s at %s is everybody's of that id: %s", (id, type, issuer, is) => {
  expect(isUnmistakable({ id, type, issuer })).toBe(is);
});
