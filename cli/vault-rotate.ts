import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run vault:rotate`: re-seals every stored token under the first of VAULT_KEYS, while the app runs.
loadCommandEnv();
const { rotateVaultKeys } = await import("../server/tokens/rotate-keys");
await runCommand(async () => {
  const rotation = await rotateVaultKeys(({ resealed }) => console.error(`${resealed} so far …`));
  const { resealed, broken, unknown } = rotation;
  console.log(
    `Re-sealed: ${resealed}. Not re-sealed: ${unknown} under a key that is not configured, ${broken} that cannot be opened.`,
  );
  if (unknown > 0) console.log("Add the missing key to VAULT_KEYS again, after the newest, and run this again.");
  if (broken > 0)
    console.log(
      "A token that cannot be opened was changed or moved. The audit log (security.ciphertext) names each row.",
    );
  process.exitCode = broken + unknown > 0 ? 1 : 0;
});
