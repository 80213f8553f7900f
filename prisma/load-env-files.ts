import { existsSync } from "node:fs";
import { join } from "node:path";

/** Adds what `.env.local` and `.env` say to `process.env`, as Next does: what is set already stays. */
export function loadEnvFiles(directory = process.cwd()): void {
  for (const name of [".env.local", ".env"]) {
    const file = join(directory, name);
    if (existsSync(file)) process.loadEnvFile(file);
  }
}
