import { describe, expect, it } from "vitest";
import { parseUserClaims } from "../../oidc/user-claims";
import type { ActiveSession } from "../registry/active-session";
import { missing, type Requirement } from "./requirement";

const session = {
  provider: "company",
  roles: ["editor"],
  claims: {
    sub: "u",
    organizations: ["org_a", "org_b", "org_c"],
    organization_roles: ["org_a:admin", "org_b:member", "org_x:admin"],
  },
  acr: null,
} as unknown as ActiveSession;

const judge = (requirement: Requirement<string>, granted?: string[]) => missing(session, requirement, granted);

describe("a requirement", () => {
  it("that asks for nothing is met", () => {
    expect(judge({})).toBeNull();
    expect(judge({ scopes: [] })).toBeNull();
  });

  it("for roles is met by any of them, and an empty list by nobody", () => {
    expect(judge({ roles: ["admin", "editor"] })).toBeNull();
    expect(judge({ roles: ["admin"] })).toBe("forbidden");
    expect(judge({ roles: [] })).toBe("forbidden");
  });

  it("for an organization is met by its members, in one of the roles where roles are named", () => {
    expect(judge({ organization: "org_b" })).toBeNull();
    expect(judge({ organization: { id: "org_b" } })).toBeNull();
    expect(judge({ organization: { id: "org_a", roles: ["owner", "admin"] } })).toBeNull();
    expect(judge({ organization: { id: "org_b", roles: ["admin"] } })).toBe("forbidden");
    expect(judge({ organization: { id: "org_c", roles: ["admin"] } })).toBe("forbidden");
    expect(judge({ organization: { id: "org_a", roles: [] } })).toBe("forbidden");
  });

  it("for an organization is not met by a role there without membership, by a role elsewhere, or by an empty id", () => {
    expect(judge({ organization: { id: "org_x", roles: ["admin"] } })).toBe("forbidden");
    expect(judge({ organization: "org_y" })).toBe("forbidden");
    expect(judge({ organization: "" })).toBe("forbidden");
    expect(judge({ roles: ["admin"], organization: "org_a" })).toBe("forbidden");
  });

  it("for scopes is met only by all of them", () => {
    expect(judge({ scopes: ["email", "roles"] }, ["openid", "email", "roles"])).toBeNull();
    expect(judge({ scopes: ["email", "payments"] }, ["openid", "email"])).toBe("forbidden");
    expect(judge({ scopes: ["email"] })).toBe("forbidden");
  });

  it("that nobody can meet by signing in again is forbidden, before a new sign-in is asked for", () => {
    expect(judge({ roles: ["admin"], acr: "gold" })).toBe("forbidden");
    expect(judge({ roles: ["editor"], acr: "gold" })).toBe("step_up_required");
  });

  it.each([
    ["no claim", {}],
    ["null", { organizations: null, organization_roles: null }],
    ["text", { organizations: "org_a", organization_roles: "org_a:admin" }],
    ["an object", { organizations: { includes: true }, organization_roles: [{}] }],
  ])("for an organization fails closed over %s", (_, claims) => {
    const strange = { ...session, claims: parseUserClaims(claims) } as unknown as ActiveSession;
    expect(missing(strange, { organization: "org_a" })).toBe("forbidden");
    expect(missing(strange, { organization: { id: "org_a", roles: ["admin"] } })).toBe("forbidden");
  });
});
