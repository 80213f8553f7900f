import { expect, it, vi } from "vitest";
import { createSealer } from "@/edge/sealing";
import { outcomeCookieName, readSignOutOutcome } from "./sign-out-outcome";

const { secrets, jar } = vi.hoisted(() => ({
  secrets: ["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"],
  jar: new Map<string, { value: string }>(),
}));
vi.mock("../env", () => ({ env: () => ({ sessionSecrets: secrets, secure: false }) }));
vi.mock("next/headers", () => ({ cookies: async () => jar }));

it("CC-08: a sign-out on an instance of the version before is told of by this one", async () => {
  const outcome = { scope: "everywhere", providerName: "Company", provider: "not_asked", endedCount: 3 };
  const value = await createSealer(secrets, "sign-out").seal(
    { ...outcome, state: null },
    Math.floor(Date.now() / 1000) + 60,
  );
  jar.set(outcomeCookieName(), { value });
  expect(await readSignOutOutcome(null)).toEqual({ ...outcome, tokensLeft: 0 });
});
