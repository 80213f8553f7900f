import { appendFileSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run import:authjs -- <database address> [options]`: users and accounts of NextAuth or better-auth. docs/importing.md
loadCommandEnv();
const { silenceLog } = await import("../server/http/log");
const { importUsers } = await import("../server/import/import-users");
const { isUnmistakable } = await import("../server/import/plan-user");
const { openSource } = await import("../server/import/source");
const { findService } = await import("../server/services/registry");
const { isConnectable } = await import("../server/services/service-provider");
const { env, findProvider } = await import("../server/settings/env");
silenceLog();

const usage = `Usage: npm run import:authjs -- <database address> [--write] [--json]
         [--provider <theirs>=<ours>]… [--connect <theirs>=<service>]… [--tables <users>,<accounts>] [--source <name>]
         [--ids <file>] [--earlier <file>]
Without --write nothing is written: it says what would be.`;
const mostListed = 100;

function readWords() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: "boolean" },
      json: { type: "boolean" },
      provider: { type: "string", multiple: true },
      connect: { type: "string", multiple: true },
      tables: { type: "string" },
      source: { type: "string" },
      ids: { type: "string" },
      earlier: { type: "string" },
    },
  });
  const [address, ...rest] = positionals;
  if (!address || rest.length > 0) throw new Error(usage);
  const tables = values.tables?.split(",") ?? [];
  if (tables.length !== 0 && tables.length !== 2) throw new Error(usage);
  const { source } = values;
  if (source !== undefined && (source.trim() === "" || source.includes("\n"))) throw new Error(usage);
  const [user = "", account = ""] = tables;
  return { ...values, address, tables: tables.length === 0 ? null : { user, account } };
}

/** Their ids of a file that `--ids` wrote. */
function idsIn(file: string): Set<string> {
  const lines = readFileSync(file, "utf8").split("\n");
  return new Set(
    lines.filter(Boolean).map((line, at) => {
      try {
        return String(JSON.parse(line.slice(0, line.lastIndexOf(","))));
      } catch {
        throw new Error(`${file}, line ${at + 1}: it is no line that --ids wrote.`);
      }
    }),
  );
}

/** `theirs=ours`, each with what it names here. */
function pairs<T>(words: readonly string[], find: (ours: string) => T | null, what: string): Map<string, T> {
  return new Map(
    words.map((word) => {
      const at = word.lastIndexOf("=");
      const ours = find(word.slice(at + 1));
      if (at < 1 || ours === null) throw new Error(`${word}: this app has no ${what} ${word.slice(at + 1)}.`);
      return [word.slice(0, at), ours] as const;
    }),
  );
}

function connectable(id: string) {
  const service = findService(id);
  return service && isConnectable(service) ? service : null;
}

async function run(): Promise<void> {
  const {
    address,
    tables,
    write = false,
    json = false,
    provider = [],
    connect = [],
    ids,
    earlier,
    ...words
  } = readWords();
  const services = pairs(connect, connectable, "service that users connect");
  // The same id is the same provider, unless something else is said of it.
  const same = env()
    .providers.map((ours) => [ours.id, ours] as const)
    .filter(([id]) => !services.has(id));
  const said = pairs(provider, findProvider, "provider");
  const assumed = new Set(same.flatMap(([id, ours]) => (said.has(id) || isUnmistakable(ours) ? [] : [id])));
  const mapping = {
    providers: new Map([...same, ...said]),
    services,
    assumed,
    source: words.source ?? null,
    earlier: earlier === undefined ? new Set<string>() : idsIn(earlier),
  };
  const source = await openSource(address, tables);
  try {
    const report = await importUsers(source, mapping, {
      write,
      actor: { kind: "terminal", login: userInfo().username },
      told: ({ users }, batch) => {
        if (ids)
          appendFileSync(ids, [...batch].map(([theirs, ours]) => `${JSON.stringify(theirs)},${ours}\n`).join(""));
        if (!json) console.error(`${users} users read.`);
      },
    });
    if (json) return console.log(JSON.stringify({ written: write, tables: source.tables, ...report }, null, 2));
    const { users, imported, completed, known, leftOut, accounts, connections, withoutAddress, collisions } = report;
    console.log(`Tables ${source.tables.user} and ${source.tables.account}, ${users} users.`);
    console.log(
      `${write ? "Imported" : "Would be imported"}: ${imported}, with ${accounts} accounts and ${connections} connections; ` +
        `${withoutAddress} without an address, which they have again once they sign in.`,
    );
    console.log(`Here already: ${known}. Completed: ${completed}. Without an account of these providers: ${leftOut}.`);
    const { unlinked, deleted } = report;
    if (unlinked + deleted > 0) console.log(`Taken away here since, and left: ${unlinked} accounts, ${deleted} users.`);
    for (const [key, count] of Object.entries(report.accountsLeft)) console.log(`  left: ${key}, ${count} accounts`);
    for (const id of assumed)
      if (report.accountsLeft[`${id} not_named`])
        console.log(
          `  Is their ${id} this app's ${id}? Nothing but the name says so. If it is: --provider ${id}=${id}`,
        );
    console.log(`Collisions: ${collisions.length}.`);
    for (const { id, reason } of collisions.slice(0, mostListed)) console.log(`  ${reason}: ${id}`);
    if (collisions.length > mostListed) console.log("  … all of them with --json");
    if (!write) console.log("Nothing was written. Add --write to import.");
  } finally {
    await source.close();
  }
}

await runCommand(run);
