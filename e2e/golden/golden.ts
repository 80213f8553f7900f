import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const migrations = join(here, "../../prisma/migrations");

/** What a release has left with browsers and in the database, beside its rows. Its keys are for tests alone. */
export interface Golden {
  writtenAt: string;
  authSecret: string;
  vaultKeys: string;
  /** The user's `sub` at the provider. */
  user: string;
  /** Values of cookies, each as it was sealed. */
  sessionCookie: string;
  transactionCookie: string;
  /** Where that transaction was sent to, without origin and path. */
  authorization: string;
  /** SHA-256 of the access token that is sealed in the rows. */
  tokenHash: string;
}

/** Stands for the provider's issuer in the rows. */
export const issuerMark = "{{issuer}}";

/** The releases whose golden files are here, oldest first. */
export function goldenVersions(): string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The versions that the changelog says are released, newest first. */
export function releasedVersions(): string[] {
  const changelog = readFileSync(join(here, "../../CHANGELOG.md"), "utf8");
  return [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version = ""]) => version);
}

export function folderOf(version: string): string {
  return join(here, version);
}

/** The migrations of a release, by name, with the SHA-256 of each. */
export function migrationsOf(version: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folderOf(version), "migrations.json"), "utf8"));
}

/** The migrations that are there now, by name, with the SHA-256 of each. */
export function presentMigrations(): Record<string, string> {
  const names = readdirSync(migrations, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    names
      .map(({ name }) => name)
      .sort()
      .map((name) => [name, createHash("sha256").update(migrationText(name)).digest("hex")]),
  );
}

export function migrationText(name: string): string {
  return readFileSync(join(migrations, name, "migration.sql"), "utf8").replaceAll("\r\n", "\n");
}

/** Calls `use` with a folder that holds the migrations of a release alone. */
export async function withMigrationsOf<T>(version: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "daemun-golden-"));
  try {
    for (const name of Object.keys(migrationsOf(version)))
      cpSync(join(migrations, name), join(folder, name), { recursive: true });
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function readGolden(version: string): Golden & { rows: string } {
  const read = (name: string) => readFileSync(join(folderOf(version), name), "utf8");
  return { ...JSON.parse(read("browser.json")), rows: read("rows.sql") };
}
