import { expect, it } from "vitest";
import type { Hooks } from "@/edge/hooks";
import { askSignInHook, mostAppClaimsBytes } from "./sign-in-hook";

const attempt = { provider: "company", claims: { sub: "s" }, userInfo: null, isNew: true };

const ask = (answer: unknown, timeoutMs = 1_000) =>
  askSignInHook(attempt, { onSignIn: (async () => answer) as unknown as Required<Hooks>["onSignIn"] }, timeoutMs);

const broken = { failure: { code: "internal_error", cause: "onSignIn" } };
// `{"a":""}` is eight bytes.
const ofBytes = (bytes: number) => ({ a: "x".repeat(bytes - 8) });

it("claims of exactly the most bytes go with the session", async () => {
  expect(await ask({ claims: ofBytes(mostAppClaimsBytes) })).toEqual({ claims: ofBytes(mostAppClaimsBytes) });
});

it("an app without the hook lets everybody in, and adds nothing", async () => {
  expect(await askSignInHook(attempt, {})).toEqual({ claims: null });
});

it("claims are kept as PostgreSQL takes them, and as JSON has them", async () => {
  const claims = { at: new Date(0), gone: undefined, nul: "a\0b" };
  expect(await ask({ claims })).toEqual({
    claims: { at: "1970-01-01T00:00:00.000Z", nul: "a\ufffdb" },
  });
});

it.each<[string, unknown]>([
  ["claims of one byte too many", { claims: ofBytes(mostAppClaimsBytes + 1) }],
  ["claims of too many bytes in few characters", { claims: { a: "가".repeat(400) } }],
  ["a list of claims", { claims: ["admin"] }],
  ["no claims at all", { claims: null }],
  ["claims that are no JSON", { claims: { big: 1n } }],
  ["claims that end in themselves", { claims: circular() }],
  ["both at once", { claims: {}, refuse: "no" }],
  ["neither", {}],
  ["something besides", { claims: {}, roles: ["admin"] }],
  ["a refusal without words", { refuse: true }],
  ["true", true],
  ["an empty text", ""],
])("a hook that answers %s lets nobody in", async (_, answer) => {
  expect(await ask(answer)).toEqual(broken);
});

it("a hook that does not answer in time lets nobody in", async () => {
  expect(await ask(new Promise(() => {}), 20)).toEqual(broken);
});

function circular(): object {
  const claims: Record<string, unknown> = {};
  claims.self = claims;
  return claims;
}
