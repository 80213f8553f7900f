import { describe, expect, it } from "vitest";
import type { ActiveSession } from "../registry/active-session";
import { isConfirmed } from "./step-up";

const withContext = (acr: string | null, provider = "unordered") => ({ provider, claims: {}, acr }) as ActiveSession;

describe("a page that asks for an authentication context", () => {
  it("is content with any of those it names", () => {
    expect(isConfirmed(withContext("gold"), { acr: "gold" })).toBe(true);
    expect(isConfirmed(withContext("gold"), { acr: "silver gold" })).toBe(true);
    expect(isConfirmed(withContext("bronze"), { acr: "silver gold" })).toBe(false);
  });

  it.each(["gold", "gold ", " gold", "silver  gold", " ", ""])("with %j, never with none at all", (acr) => {
    expect(isConfirmed(withContext(null), { acr })).toBe(false);
    expect(isConfirmed(withContext(""), { acr })).toBe(false);
  });
});

describe("FF-19: contexts that configuration puts in order", () => {
  const [weak, strong] = ["urn:daemun:acr:1", "urn:daemun:acr:2"];

  it("FF-19: a stronger sign-in is enough for a weaker requirement, and a weaker one never for a stronger", () => {
    expect(isConfirmed(withContext(strong, "company"), { acr: weak })).toBe(true);
    expect(isConfirmed(withContext(weak, "company"), { acr: weak })).toBe(true);
    expect(isConfirmed(withContext(weak, "company"), { acr: strong })).toBe(false);
    expect(isConfirmed(withContext(weak, "company"), { acr: `${strong} ${weak}` })).toBe(true);
    expect(isConfirmed(withContext("other", "company"), { acr: weak })).toBe(false);
    expect(isConfirmed(withContext(null, "company"), { acr: weak })).toBe(false);
  });

  it("FF-19: are those of their provider alone", () => {
    expect(isConfirmed(withContext(strong, "partner"), { acr: weak })).toBe(false);
  });
});

describe("FF-19: a sign-in that has to be so recent", () => {
  const now = new Date("2026-11-28T12:00:00Z");
  const signedIn = (seconds: number, claims: object = { auth_time: 1 }) =>
    ({ provider: "company", claims, acr: null, authTime: new Date(now.getTime() - seconds * 1000) }) as ActiveSession;

  it.each([
    [599, true],
    [600, true],
    [601, false],
    [630, false],
  ])("FF-19: %i seconds ago is within 600: %s", (seconds, isRecent) => {
    expect(isConfirmed(signedIn(seconds), { maxAgeSeconds: 600 }, now)).toBe(isRecent);
  });

  it("FF-19: is none where the provider does not say when it was", () => {
    expect(isConfirmed(signedIn(1, {}), { maxAgeSeconds: 600 }, now)).toBe(false);
  });
});
