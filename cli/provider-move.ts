import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run provider:move -- <id> <former issuer>`: the accounts of a provider whose issuer has changed are those of the new one.
loadCommandEnv();
const { moveAccounts } = await import("../server/auth/former-issuer");
const { findProvider } = await import("../server/settings/env");
const [id, from] = process.argv.slice(2);
await runCommand(async () => {
  const provider = findProvider(id);
  if (!provider || !from) throw new Error("Usage: npm run provider:move -- <provider id> <former issuer>");
  if (provider.issuerTemplate !== null)
    throw new Error("A provider of many tenants has an issuer for each: its accounts move as their users sign in.");
  const count = await moveAccounts({ provider: provider.id, from, to: provider.issuer });
  console.log(`Moved: ${count} accounts of ${provider.id}, from ${from} to ${provider.issuer}.`);
});
