import { loadCommandEnv } from "../prisma/load-env-files";

// `npm run sweep`: the clean-up that `/api/cron/sweep` does, for whoever has a scheduler of their own. Ends when nothing is left.
loadCommandEnv();
const { sweep } = await import("../server/sessions/registry/sweep");
const { serviceProviders } = await import("../server/services/service-provider");
const { db } = await import("../server/db/client");
try {
  const { ended, deleted } = await sweep({ by: "command", timeMs: 60 * 60_000, services: serviceProviders() });
  const rows = Object.entries(deleted).map(([table, count]) => `${table} ${count}`);
  console.log(`Sessions ended: ${ended}. Rows deleted: ${rows.join(", ")}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await db.$disconnect();
}
