import { expect, it } from "vitest";
import { createSealer } from "@/edge/sealing";
import { provideEnv } from "../../settings/env";
import { readSignOutOutcome } from "./sign-out-outcome";

const secrets = ["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"];
provideEnv({ sessionSecrets: secrets });

it("CC-08: a sign-out on an instance of the version before is told of by this one", async () => {
  const outcome = { scope: "everywhere", providerName: "Company", provider: "not_asked", endedCount: 3 };
  const value = await createSealer(secrets, "sign-out").seal(
    { ...outcome, state: null },
    Math.floor(Date.now() / 1000) + 60,
  );
  expect(await readSignOutOutcome(null, value)).toEqual({ ...outcome, tokensLeft: 0, deletion: null });
});
