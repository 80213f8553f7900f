import { expect, it } from "vitest";
import { createSealer } from "@/edge/sealing";
import { provideEnv } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { readSignOutOutcome } from "./sign-out-outcome";

const secrets = ["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"];
provideEnv({
  sessionSecrets: secrets,
  providers: [{ id: "company", name: "Company", koreanName: "회사" } as ProviderSettings],
});

const seal = (outcome: object) =>
  createSealer(secrets, "sign-out").seal({ ...outcome }, Math.floor(Date.now() / 1000) + 60);

it("CC-08: a sign-out on an instance of the version before is told of by this one", async () => {
  const outcome = { scope: "everywhere", providerName: "Company", provider: "not_asked", endedCount: 3 };
  const value = await seal({ ...outcome, state: null });
  expect(await readSignOutOutcome(null, value, "ko")).toEqual({
    ...outcome,
    returnTo: null,
    tokensLeft: 0,
    deletion: null,
  });
});

it("a sign-out calls the provider what the page's language calls it, and one that is gone by the name of then", async () => {
  const outcome = { scope: "device", providerName: "Then", provider: "not_asked", endedCount: 1, state: null };
  const named = async (providerId: string, locale: string) =>
    (await readSignOutOutcome(null, await seal({ ...outcome, providerId }), locale))?.providerName;
  expect([await named("company", "ko"), await named("company", "en")]).toEqual(["회사", "Company"]);
  expect(await named("gone", "ko")).toBe("Then");
});
