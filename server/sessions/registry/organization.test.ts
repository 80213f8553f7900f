import { expect, it } from "vitest";
import {
  currentOrganization,
  nameOfOrganization,
  namesToKeep,
  organizationIds,
  organizationNames,
} from "./organization";

it("organizations are the texts of the claim, each once, whatever else stands there", () => {
  expect(organizationIds({ organizations: ["a", "b", "a", "", 1, null] })).toEqual(["a", "b"]);
  expect([{}, { organizations: "a" }, { organizations: null }].map(organizationIds)).toEqual([[], [], []]);
});

it("somebody works in the organization that they chose while they belong to it, in their only one, or in none", () => {
  const both = { organizations: ["a", "b"] };
  expect(currentOrganization("b", both)).toBe("b");
  expect(currentOrganization("c", both)).toBeNull();
  expect(currentOrganization(null, both)).toBeNull();
  expect(currentOrganization("c", { organizations: ["a"] })).toBe("a");
  expect(currentOrganization("a", {})).toBeNull();
});

it("names are kept of organizations that somebody belongs to, bounded, and the claims' own come first", () => {
  const data = (name: unknown, id: unknown = "a") => ({ organization_data: [{ id, name }] });
  const claims = { organizations: ["a", "__proto__"] };
  expect(namesToKeep(data(" Hanok "), claims)).toEqual({ a: "Hanok" });
  expect(namesToKeep(data("x".repeat(500)), claims)?.a).toHaveLength(200);
  for (const said of [data(""), data(1), data("Other", "c"), { organization_data: "x" }, {}, null])
    expect(namesToKeep(said, claims)).toBeNull();
  const names = organizationNames({ a: "Hanok", b: "Maru", c: 1 }, data("Newer"));
  expect(["a", "b", "c", "constructor"].map((id) => nameOfOrganization(names, id))).toEqual([
    "Newer",
    "Maru",
    null,
    null,
  ]);
  expect(organizationNames(null, {})).toEqual({});
});
