import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run signing:rotate [-- ES256|RS256] [-- --at-once]`: makes the next key that the app signs its assertions with.
loadCommandEnv();
const { silenceLog } = await import("../server/http/log");
const { rotateSigningKey } = await import("../server/signing/key-store");
const { signingAlgorithms } = await import("../server/signing/signers");
silenceLog();

const usage = `Usage: npm run signing:rotate [-- ES256|RS256] [-- --at-once]
  --at-once: for a key that somebody else may have. The new one signs now, and the others are withdrawn.`;

await runCommand(async () => {
  const words = process.argv.slice(2).filter((word) => word !== "--at-once");
  const atOnce = process.argv.includes("--at-once");
  const configured = signingAlgorithms();
  const asked = words.length === 0 ? configured : configured.filter((algorithm) => words.includes(algorithm));
  if (words.some((word) => word !== "ES256" && word !== "RS256")) throw new Error(usage);
  if (asked.length === 0)
    throw new Error("No service that is set up needs such a key: authentication.kind in daemun.config.ts.");
  for (const algorithm of asked) {
    const made = await rotateSigningKey(algorithm, { atOnce });
    const when =
      made.signsInSeconds > 0 ? `signs in ${Math.ceil(made.signsInSeconds / 60)} minutes` : "signs from now on";
    console.log(
      made.kind === "made"
        ? `${algorithm}: ${made.key} is published and ${when}.`
        : `${algorithm}: nothing was done. ${made.key} is published already and ${when}.`,
    );
    if (made.kind === "waiting") process.exitCode = 1;
  }
});
