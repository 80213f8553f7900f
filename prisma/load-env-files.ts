import nextEnv from "@next/env";
import { readDatabaseAddress } from "./database-address";

interface Options {
  directory?: string;
  /** Whether the files of development are meant (`.env.development`), and not those of production. */
  development?: boolean;
}

/**
 * Adds what the `.env` files say to `process.env`, by Next's own reader: the same files in the same order, and the same
 * `$NAME` in values. What is set already stays. Without NODE_ENV it reads what `npm start` would.
 */
export function loadEnvFiles({
  directory = process.cwd(),
  development = process.env.NODE_ENV === "development",
}: Options = {}) {
  const processed = process.env.__NEXT_PROCESSED_ENV;
  nextEnv.loadEnvConfig(directory, development, { info: () => {}, error: console.error });
  // Next, started from here, has files of its own mode to read.
  if (processed === undefined) delete process.env.__NEXT_PROCESSED_ENV;
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
