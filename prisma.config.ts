import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";
import { loadEnvFiles } from "./prisma/load-env-files";

// Prisma fetches a schema engine before `generate`, which does not use it, and fails where only package registries are
// reached. This file is read before that check; naming any file that exists satisfies it.
if (process.argv.includes("generate")) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(import.meta.url);
}

loadEnvFiles();
const url = process.env.DATABASE_URL;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // `generate` needs no database, and a fresh clone has none.
  ...(url && { datasource: { url } }),
});
