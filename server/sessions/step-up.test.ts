import { describe, expect, it } from "vitest";
import type { ActiveSession } from "./session-state";
import { isConfirmed } from "./step-up";

const withContext = (acr: string | null) => ({ claims: {}, acr }) as ActiveSession;

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
