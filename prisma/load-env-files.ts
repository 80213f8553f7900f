import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import nextEnv from "@next/env";
import { readDatabaseAddress } from "./database-address";

/**
 * Adds what `.env.local` and `.env` say to `process.env`, read as the app reads them (quotes, comments, `$NAME`): what is
 * set already stays.
 */
export function loadEnvFiles(directory = process.cwd()): void {
  const files = [".env.local", ".env"]
    .filter((path) => existsSync(join(directory, path)))
    .map((path) => ({ path, contents: readFileSync(join(directory, path), "utf8"), env: {} }));
  const { __NEXT_PROCESSED_ENV: before } = process.env;
  nextEnv.processEnv(files, directory, console, true);
  // An app that this process starts has further files to read.
  if (before === undefined) delete process.env.__NEXT_PROCESSED_ENV;
}

/**
 * The same for a command, which goes past the pooler: where `DIRECT_URL` is set, it stands for `DATABASE_URL`. Ends the
 * process where it is no address.
 */
export function loadCommandEnv(): void {
  loadEnvFiles();
  const { DIRECT_URL } = process.env;
  if (!DIRECT_URL) return;
  try {
    readDatabaseAddress(DIRECT_URL, "DIRECT_URL");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  process.env.DATABASE_URL = DIRECT_URL;
}
