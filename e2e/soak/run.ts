import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startPostgres } from "../../dev/postgres/postgres";
import { createTemplate } from "../../dev/postgres/test-database";
import { findFreePort } from "../../dev/process/ports";
import { onStop } from "../../dev/process/stop-signals";
import { generateClient } from "../../prisma/generate";
import { formatReport } from "./report";
import { soak } from "./soak";

/** `npm run soak [-- --seconds 600 --seed <text>]`: exit code 1 where anything was as it must not be. */
const { values } = parseArgs({
  options: { seconds: { type: "string", default: "600" }, seed: { type: "string", default: String(Date.now()) } },
});
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 5 || seconds > 86_400) {
  console.error("--seconds is a whole number from 5 to 86400.");
  process.exit(2);
}
// What was started ends with this process.
onStop((signal) => process.exit(signal === "SIGINT" ? 130 : 143));

generateClient();
const folder = mkdtempSync(join(tmpdir(), "daemun-soak-"));
// PostgreSQL's own user has to walk through it.
chmodSync(folder, 0o755);
const server = { dataDir: join(folder, "postgres"), port: await findFreePort(), durable: false };
let postgres = await startPostgres(server);
try {
  await createTemplate(postgres.url);
  console.log(`Seed "${values.seed}", ${seconds} s. The app is built first where that is stale.`);
  const report = await soak({
    postgresUrl: postgres.url,
    seconds,
    seed: values.seed,
    restartDatabase: async (awayMs) => {
      await postgres.stop();
      await sleep(awayMs);
      postgres = await startPostgres(server);
    },
  });
  console.log(formatReport(report));
  process.exitCode = report.violations.length > 0 ? 1 : 0;
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
