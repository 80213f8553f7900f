import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../postgres/postgres";
import { createTemplate } from "../postgres/test-database";
import { findFreePort } from "../process/ports";
import { startIdentityProviders } from "../provider/start";

/** What a test run has besides the app, in a form that can be handed to another process. */
export interface TestServers {
  /** Of the server, as its superuser: a test makes its own database with `createTestDatabase`. */
  postgresUrl: string;
  issuers: Record<string, { issuer: string }>;
  /** The identity providers' control API: registers clients, and tells them to misbehave. */
  control: { url: string; secret: string };
}

/**
 * Starts one PostgreSQL and the identity providers `company` and `partner`, each on a free port and with no client.
 *
 * @returns what tests need to know, and `stop`
 */
export async function startTestServers(): Promise<TestServers & { stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "daemun-test-"));
  // PostgreSQL's own user has to walk through it.
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({
    dataDir: join(folder, "postgres"),
    port: await findFreePort(),
    durable: false,
  });
  const stopPostgres = async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await createTemplate(postgres.url);
    const { issuers, control, stop } = await startIdentityProviders({
      issuers: ["company", "partner"].map((id) => ({ id, port: 0, clients: [] })),
      controlPort: 0,
    });
    const stopAll = async () => {
      await stop();
      await stopPostgres();
    };
    return { postgresUrl: postgres.url, issuers, control, stop: stopAll };
  } catch (error) {
    await stopPostgres();
    throw error;
  }
}
