import { randomUUID } from "node:crypto";
import { migrate } from "../../prisma/migrate";
import { createDatabase } from "./postgres";

const template = "daemun_template";

/** Makes what every test's database is a copy of: migrating once takes longer than copying often. */
export async function createTemplate(postgresUrl: string): Promise<void> {
  await migrate(await createDatabase(postgresUrl, template));
}

/** Makes a migrated, empty database of one's own on the run's server and returns its URL. */
export function createTestDatabase(postgresUrl: string): Promise<string> {
  return createDatabase(postgresUrl, `test_${randomUUID().replaceAll("-", "")}`, { template });
}
