import { describe, expect, it, vi } from "vitest";
import { log } from "../http/log";
import { rightClaims, withRights } from "./rights";

const unread = { roles: [], organizations: [], organizationRoles: [] };
let issuers = 0;
/** Each its own issuer: what is said once is said once of each. */
const provider = (claims: Partial<Record<keyof typeof unread, string[]>>, clientId = "app") => {
  issuers += 1;
  return { issuer: `https://i${issuers}.example`, clientId, claims: { ...unread, ...claims } };
};

const rolesIn = (claims: object, paths: string[], clientId?: string) =>
  withRights({ ...claims }, provider({ roles: paths }, clientId)).roles;

describe("FF-34: where roles are", () => {
  it.each<[string, object, string[], string[] | undefined]>([
    ["a claim's name", { roles: ["a", "b", "a"] }, ["roles"], ["a", "b"]],
    ["a name with dots", { "https://app.example/roles": ["a"] }, ["https://app.example/roles"], ["a"]],
    ["a name with a colon", { "cognito:groups": ["a"] }, ["cognito:groups"], ["a"]],
    ["a name before a path", { "a.b": ["name"], a: { b: ["path"] } }, ["a.b"], ["name"]],
    ["a path", { realm_access: { roles: ["a"] } }, ["realm_access.roles"], ["a"]],
    ["several", { x: ["a"], y: { z: ["b", "a"] } }, ["x", "nowhere", "y.z"], ["a", "b"]],
    ["one text, not split", { role: "first, second third" }, ["role"], ["first, second third"]],
    ["an object's keys", { "urn:zitadel:x:roles": { admin: { 1: "a.b" } } }, ["urn:zitadel:x:roles"], ["admin"]],
    ["objects with names", { roles: [{ id: "1", name: "a" }, { id: "2" }] }, ["roles"], ["a", "2"]],
    ["an empty list", { roles: [] }, ["roles"], []],
    ["nothing", {}, ["roles", "a.b.c"], undefined],
    ["an empty object", { roles: {} }, ["roles"], undefined],
    ["null and an empty text", { roles: null, role: "" }, ["roles", "role"], undefined],
    ["a path through a text", { a: "b" }, ["a.length", "a.b"], undefined],
    ["a path into a prototype", { a: {} }, ["a.constructor.name", "toString", "a.__proto__"], undefined],
    ["another claim than configuration names", { roles: ["admin"] }, ["groups"], undefined],
  ])("is understood: %s", (_, claims, paths, expected) => {
    expect(rolesIn(claims, paths)).toEqual(expected);
  });

  it("a client id with dots names this client, and no other", () => {
    const claims = { resource_access: { "my.app": { roles: ["mine"] }, my: { app: { roles: ["theirs"] } } } };
    expect(rolesIn(claims, ["resource_access.{clientId}.roles"], "my.app")).toEqual(["mine"]);
  });

  it.each<[string, unknown, string[] | undefined]>([
    ["of another kind", 7, undefined],
    ["a flag", true, undefined],
    ["of nothing that is a text", [1, null, {}], undefined],
    ["partly of another kind", ["a", 1], ["a"]],
    ["with one that is too long", ["a", "b".repeat(256)], ["a"]],
    ["with one that no database keeps", ["a", "ad\0min"], ["a"]],
  ])("what is %s is told once", (_, value, expected) => {
    const warn = vi.spyOn(log, "warn").mockReturnValue();
    const from = provider({ roles: ["r"] });
    for (let time = 0; time < 2; time += 1) expect(withRights({ r: value }, from).roles).toEqual(expected);
    expect(warn.mock.calls).toEqual([["answer.cut", expect.objectContaining({ from: from.issuer, what: "r" })]]);
    warn.mockRestore();
  });

  it.each([
    ["names it elsewhere", { _claim_names: { groups: "src1" }, _claim_sources: {} }],
    ["says that there are some", { hasgroups: "true" }],
  ])("a token that leaves groups out, but %s, is told once", (_, claims) => {
    const warn = vi.spyOn(log, "warn").mockReturnValue();
    const from = provider({ roles: ["groups"] });
    for (let time = 0; time < 2; time += 1) expect(withRights(claims, from)).not.toHaveProperty("roles");
    expect(warn.mock.calls).toEqual([
      ["claims.overage", expect.objectContaining({ issuer: from.issuer, claim: "groups" })],
    ]);
    warn.mockRestore();
  });
});

describe("FF-34: where organizations are", () => {
  it.each<[string, object, string, string[]]>([
    ["aliases", { organization: ["acme", "hanok"] }, "organization", ["acme", "hanok"]],
    ["an object by alias", { organization: { acme: { id: "1" } } }, "organization", ["acme"]],
    ["objects with ids", { orgs: [{ id: "1", name: "Acme" }] }, "orgs", ["1"]],
    ["one id", { org_id: "org_1" }, "org_id", ["org_1"]],
    ["a tenant", { tid: "t-1" }, "tid", ["t-1"]],
  ])("is understood: %s", (_, claims, path, expected) => {
    expect(withRights({ ...claims }, provider({ organizations: [path] }))).toEqual({
      ...claims,
      organizations: expected,
    });
  });

  it("what goes when rights are taken away is every claim that they are read from", () => {
    const paths = { roles: ["resource_access.{clientId}.roles", "https://a.example/roles"], organizations: ["tid"] };
    const names = rightClaims(provider(paths));
    expect(names).toEqual(expect.arrayContaining(["roles", "organizations", "organization_roles", "tid"]));
    expect(names).toEqual(expect.arrayContaining(["resource_access", "https://a.example/roles"]));
  });
});
