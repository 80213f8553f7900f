import { loadEnvFiles } from "../prisma/load-env-files";

// `npm run vault:rotate`: seals every stored token anew under the first of VAULT_KEYS, while the app runs.
loadEnvFiles();
const { rotateVaultKeys } = await import("../server/tokens/rotate-keys");
const { db } = await import("../server/db/client");
try {
  const rotation = await rotateVaultKeys(({ resealed }) => console.error(`${resealed} so far …`));
  const { resealed, broken, unknown } = rotation;
  console.log(
    `Sealed anew: ${resealed}. Left: ${unknown} under a key that is not configured, ${broken} that do not open.`,
  );
  if (unknown > 0) console.log("Put the missing key back into VAULT_KEYS, behind the newest, and run this again.");
  if (broken > 0)
    console.log("What does not open was changed or moved; the audit trail (security.ciphertext) names each row.");
  process.exitCode = broken + unknown > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await db.$disconnect();
}
