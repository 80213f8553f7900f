import { describe, expect, it } from "vitest";
import type { ProviderSettings } from "../../../settings/providers";
import { isOfAdmittedTenant, needsAccount } from "./admission";

type Rules = Pick<ProviderSettings, "signIn" | "newUsers">;
const everybody: Rules = { signIn: {}, newUsers: true };

describe("an access token of a provider of many tenants", () => {
  const [one, other] = ["8a1c", "77ff"].map((tid) => ({ claims: { tid } }));
  it("counts where its tenant's users may sign in, and nowhere else", () => {
    const admitted: Rules = { signIn: { tenants: ["8a1c"] }, newUsers: true };
    const ofNobody = [other, { claims: {} }, { claims: { tid: ["8a1c"] } }];
    expect(one && isOfAdmittedTenant(admitted, one)).toBe(true);
    for (const token of ofNobody) expect(token && isOfAdmittedTenant(admitted, token)).toBe(false);
    for (const rules of [everybody, { signIn: { tenants: "any" as const }, newUsers: true }])
      expect(isOfAdmittedTenant(rules, { claims: {} })).toBe(true);
  });
});

describe("an access token of somebody who never signed in here", () => {
  it("counts where everybody may sign in", () => {
    expect(needsAccount({}, everybody, {})).toBe(false);
    expect(needsAccount({}, { signIn: { tenants: ["8a1c"] }, newUsers: true }, {})).toBe(false);
  });

  it.each<[what: string, rules: Rules]>([
    ["some domains", { signIn: { emailDomains: ["company.example"] }, newUsers: true }],
    ["some hosted domains", { signIn: { hostedDomains: ["company.example"] }, newUsers: true }],
    ["some roles", { signIn: { roles: ["staff"] }, newUsers: true }],
    ["some groups", { signIn: { groups: ["staff"] }, newUsers: true }],
    ["nobody new", { signIn: {}, newUsers: false }],
  ])("does not count where only %s may sign in, unless the route says so", (_, rules) => {
    expect(needsAccount({}, rules, {})).toBe(true);
    expect(needsAccount({ users: "any" }, rules, {})).toBe(false);
  });

  it("does not count where the app has a hook that decides, or the route wants known users", () => {
    expect(needsAccount({}, everybody, { onSignIn: () => {} })).toBe(true);
    expect(needsAccount({ users: "known" }, everybody, {})).toBe(true);
  });
});
