import { readFileSync } from "node:fs";
import { type StartOptions, startIdentityProviders } from "./start";

// `tsx serve.ts <file.json>`: the issuers of a file, until it is told to stop. README.md shows such a file.

const file = process.argv[2];
if (file === undefined) {
  console.error("Usage: tsx serve.ts <file.json>");
  process.exit(2);
}
const providers = await startIdentityProviders(JSON.parse(readFileSync(file, "utf8")) as StartOptions);
for (const [id, { issuer }] of Object.entries(providers.issuers)) console.log(`${id}: ${issuer}`);
console.log(`control API: ${providers.control.url}`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void providers.stop().then(() => process.exit(0)));
