import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checksums, readMigrations } from "./migrate";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const generated = join(root, "prisma/generated");
const stamp = join(generated, "schema.sha256");

/**
 * Writes the Prisma client into `prisma/generated` unless the one there was made from this schema by this version, and beside
 * it what the migrations leave behind (`expected.ts`), which a running app has no files to know by.
 * It stands in for a postinstall script, which npm does not run unless told to.
 *
 * @throws Error when the generator fails, after its own output
 */
export function generateClient(): void {
  const fingerprint = fingerprintOfSchema();
  if (isFresh(fingerprint)) return;
  const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js");
  withLock(() => {
    if (isFresh(fingerprint)) return;
    const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, "generate"], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
    });
    if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`);
    writeFileSync(join(generated, "expected.ts"), describeMigrations());
    writeFileSync(`${stamp}.new`, fingerprint);
    renameSync(`${stamp}.new`, stamp);
  });
}

function isFresh(fingerprint: string): boolean {
  return existsSync(join(generated, "client.ts")) && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint;
}

function fingerprintOfSchema(): string {
  const manifest = readFileSync(join(root, "node_modules/prisma/package.json"), "utf8");
  const schema = readFileSync(join(root, "prisma/schema.prisma"), "utf8");
  const hash = createHash("sha256").update(JSON.parse(manifest).version).update(schema).update(describeMigrations());
  return hash.digest("hex");
}

function describeMigrations(): string {
  const migrations = readMigrations();
  const indexes = new Set<string>();
  for (const { sql } of migrations) {
    const named =
      /CREATE (?:UNIQUE )?INDEX "(\w+)"|CONSTRAINT "(\w+)" (?:PRIMARY KEY|UNIQUE)|DROP INDEX (?:IF EXISTS )?"(\w+)"/g;
    for (const [, created, constraint, dropped] of sql.matchAll(named)) {
      if (dropped) indexes.delete(dropped);
      else indexes.add(created ?? constraint ?? "");
    }
  }
  const known = migrations.map(({ name, sql }) => ({ name, checksums: checksums(sql) }));
  return `export const expectedMigrations: readonly { name: string; checksums: readonly string[] }[] = ${JSON.stringify(known)};
export const expectedIndexes: readonly string[] = ${JSON.stringify([...indexes])};
`;
}

// Two commands started together must not write the same files. A lock left by one that died is broken after a while.
function withLock(generate: () => void): void {
  const lock = join(root, "node_modules/.cache/prisma-generate.lock");
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 30_000) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    generate();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) generateClient();
