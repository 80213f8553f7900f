import { expect, it } from "vitest";
import { hasLabel, orderClaims } from "./known-claims";

it("claims about the person come first, the protocol's next, unknown ones last", () => {
  const claims = { zeta: 1, iss: "i", alpha: 2, email: "e", sub: "s", name: "n", roles: [] };
  expect(orderClaims(claims).map(([name]) => name)).toEqual(["name", "email", "roles", "sub", "iss", "alpha", "zeta"]);
});

it("a claim that is called like an object's own method has no label", () => {
  expect(["constructor", "toString", "__proto__"].filter(hasLabel)).toEqual([]);
});
