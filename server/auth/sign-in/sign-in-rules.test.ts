import { expect, it } from "vitest";
import { type ProviderSettings, standardProvider } from "../../settings/providers";
import type { VerifiedSignIn } from "../next-auth/exchange-code";
import type { Profile } from "./profile";
import { failedRule } from "./sign-in-rules";

type Rules = ProviderSettings["signIn"];

interface Said {
  claims?: object;
  userInfo?: object;
  profile?: Partial<Profile>;
}

function judge(signIn: Rules, { claims = {}, userInfo, profile = {} }: Said = {}) {
  const provider = { ...standardProvider, id: "company", issuer: "https://i.example", clientId: "app", signIn };
  const verified = { idToken: { sub: "s", ...claims }, userInfo: userInfo ? { sub: "s", ...userInfo } : null };
  const nobody: Profile = { name: null, image: null, email: null, stated: null, roles: [], rolesSource: null };
  return failedRule(provider as unknown as ProviderSettings, verified as unknown as VerifiedSignIn, {
    ...nobody,
    ...profile,
  });
}

const email = (address: string, verified = true) => ({ profile: { email: { address, verified } } });

it.each<[string, Rules, Said, string | null]>([
  ["no rule lets everybody in", {}, {}, null],
  ["a verified address of the domain", { emailDomains: ["a.example"] }, email("x@a.example"), null],
  ["an unverified one", { emailDomains: ["a.example"] }, email("x@a.example", false), "emailDomains"],
  ["one of a domain below", { emailDomains: ["a.example"] }, email("x@b.a.example"), "emailDomains"],
  ["one with two signs", { emailDomains: ["a.example"] }, email("x@a.example@evil.example"), "emailDomains"],
  ["none", { emailDomains: ["a.example"] }, {}, "emailDomains"],
  ["a hosted domain", { hostedDomains: ["a.example"] }, { claims: { hd: "A.example" } }, null],
  ["another", { hostedDomains: ["a.example"] }, { claims: { hd: "b.example" } }, "hostedDomains"],
  ["an address in its place", { hostedDomains: ["a.example"] }, email("x@a.example"), "hostedDomains"],
  ["a tenant", { tenants: ["t-1"] }, { claims: { tid: "t-1" } }, null],
  ["a tenant by userinfo", { tenants: ["t-1"] }, { userInfo: { tid: "t-1" } }, "tenants"],
  ["any tenant", { tenants: "any" }, {}, null],
  ["one of the roles", { roles: ["a", "b"] }, { profile: { roles: ["b"] } }, null],
  ["none of the roles", { roles: ["a", "b"] }, { profile: { roles: ["c"] } }, "roles"],
  ["a group in the ID token", { groups: ["g"] }, { claims: { groups: ["g"] } }, null],
  ["a group in userinfo", { groups: ["g"] }, { userInfo: { groups: "g" } }, null],
  ["no groups, since there are too many", { groups: ["g"] }, { claims: { hasgroups: true } }, "groups"],
  ["the second of two rules", { roles: ["a"], groups: ["g"] }, { profile: { roles: ["a"] } }, "groups"],
])("who may sign in: %s", (_, rules, said, failed) => {
  expect(judge(rules, said)).toBe(failed);
});
