import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run sweep`: the clean-up that `/api/cron/sweep` does, for whoever has a scheduler of their own. Ends when nothing is left.
loadCommandEnv();
const { cleanUp } = await import("../server/accounts/clean-up");
const { withEvents } = await import("../server/hooks/run-hooks");

async function run(): Promise<void> {
  const { ended, deleted, users } = await cleanUp({ by: "command", timeMs: 60 * 60_000 });
  const rows = Object.entries(deleted).map(([table, count]) => `${table} ${count}`);
  console.log(`Sessions ended: ${ended}. Users deleted: ${users}. Rows deleted: ${rows.join(", ")}.`);
}

await runCommand(() => withEvents(run));
