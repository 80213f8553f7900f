import { expect, it } from "vitest";
import { differingClaims, lifetimeOf, type SignInDocument } from "./document";

const document = (claims: SignInDocument["claims"]): SignInDocument => ({
  kind: "id-token",
  name: null,
  claims,
  code: null,
  until: null,
});

it("what two documents say differently of a user is named, and not what each says of itself", () => {
  const idToken = document({ sub: "1", name: "Ada", aud: "app", iat: 10, address: { a: 1, b: 2 } });
  const userInfo = document({ sub: "1", name: "Ada King", address: { b: 2, a: 1 }, email: "ada@example.com" });
  expect(differingClaims([idToken, userInfo, document(null)])).toEqual(["name"]);
});

it("how long a document lasts is what it says, and nothing where it says no such thing", () => {
  expect(lifetimeOf(document({ iat: 10, exp: 310 }))).toBe(300);
  expect([{ exp: 310 }, { iat: 310, exp: 10 }, null].map((claims) => lifetimeOf(document(claims)))).toEqual([
    null,
    null,
    null,
  ]);
});
