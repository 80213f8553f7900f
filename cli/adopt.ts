import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { applyChanges } from "./adopt/apply";
import { findUncommitted } from "./adopt/git";
import { readHost } from "./adopt/host";
import { AdoptError } from "./adopt/inside";
import { makePlan, type Plan } from "./adopt/plan";
import { type Part, parts } from "./adopt/shipped";

// `npm run adopt -- <folder> [--write]`: brings Daemun into a Next.js app that is there, or a newer version into one that has
// it (docs/tasks/existing-app.md). It prints what it would do, and does it with --write alone.

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const usage = `Usage: npm run adopt -- <folder> [options]

  --write                 does what is printed; without it, nothing is written
  --without ${Object.keys(parts).join("|").padEnd(14)}leaves these pages out, at the first run
  --replace <file>        Daemun's takes the place of the app's. May be given again, also with the name of a package,
                          with "packages" for all, and with a model of the Prisma schema ("model User")
  --keep <file>           the app's stays, and Daemun's is left out. May be given again
  --help                  prints this

docs/tasks/existing-app.md says the rest.`;

/** @throws TypeError for an option that there is not */
function readWords() {
  return parseArgs({
    allowPositionals: true,
    options: {
      write: { type: "boolean", default: false },
      without: { type: "string", multiple: true, default: [] },
      replace: { type: "string", multiple: true, default: [] },
      keep: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

/** Says what happens to which folder, and by name what happens to a file that was there. */
function describePlan({ changes, undecided, left }: Plan): string {
  const added = new Map<string, number>();
  for (const { kind, path } of changes) {
    const folder = path.includes("/") ? `${path.split("/")[0]}/` : path;
    if (kind === "add") added.set(folder, (added.get(folder) ?? 0) + 1);
  }
  const list = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? [`${title}:`, ...lines.map((line) => `  ${line}`), ""] : [];
  const named = (kind: string) => changes.filter((change) => change.kind === kind).map(({ path }) => path);
  return [
    ...list(
      "Added",
      [...added].map(([folder, count]) => (count > 1 ? `${folder} (${count} files)` : folder)),
    ),
    ...list("Brought up to date", named("update")),
    ...list("Merged with what is there", named("merge")),
    ...list("Replaced", named("replace")),
    ...list("Deleted", named("delete")),
    ...list("Left to you", left),
    ...list("Undecided: nothing is written before you say", undecided),
  ].join("\n");
}

function run(): number {
  let words: ReturnType<typeof readWords>;
  try {
    words = readWords();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const { values, positionals } = words;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [place, ...more] = positionals;
  const unknown = values.without.find((part) => !Object.hasOwn(parts, part));
  if (place === undefined || more.length > 0 || unknown !== undefined) {
    console.error(usage);
    return 2;
  }
  const folder = resolve(process.env.INIT_CWD ?? ".", place);
  const fault = findUncommitted(folder);
  if (fault !== null) throw new AdoptError(fault);
  const { without, replace, keep } = values;
  const plan = makePlan(readHost(folder), { root, without: without as Part[], replace, keep });
  console.log(describePlan(plan));
  if (plan.undecided.length > 0) return 1;
  if (plan.changes.length === 0) console.log("Nothing to do.");
  else if (values.write) {
    applyChanges(folder, plan.changes);
    console.log("Written. Next: npm install, .env (see .env.example), npm run db:migrate, npm run build.");
  } else console.log("Nothing was written. --write does it.");
  return plan.left.length > 0 ? 1 : 0;
}

try {
  process.exitCode = run();
} catch (error) {
  if (!(error instanceof AdoptError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
