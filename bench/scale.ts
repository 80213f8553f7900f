import { parseArgs } from "node:util";
import type { AuditRequests, ScaleOperation } from "./audit/app";
import { fillTrail } from "./audit/trail";
import { median } from "./load";
import { runBench } from "./registry/run";

/**
 * What one PostgreSQL carries when it is large: sign-ins, checks of sessions, refreshes and audit rows a second, by the
 * server's own modules, with 2,000,000 sessions and 20,000,000 audit rows in monthly partitions. `--users` and `--rows` take
 * less.
 */
const { values } = parseArgs({
  options: { users: { type: "string", default: "1000000" }, rows: { type: "string", default: "20000000" } },
});
const [users, rows] = [Number(values.users), Number(values.rows)];
const measured = { rounds: 5, seconds: 4, atOnce: 8 };
const labels: Record<ScaleOperation, string> = {
  signIn: "sign-ins (what each writes)",
  check: "checks of a session",
  refresh: "refreshes (lease and publishing)",
  auditRow: "audit rows, one a statement",
};

await runBench("scale", async ({ fill, start }) => {
  const databaseUrl = await fill(users);
  const begun = performance.now();
  const { months, megabytes } = await fillTrail(databaseUrl, rows);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${rows.toLocaleString("en")} audit rows in ${months} months, ${megabytes} MB with indexes: ${seconds} s`,
  );
  const script = new URL("audit/app.ts", import.meta.url);
  const [app, sealer] = [start<AuditRequests>({ script, databaseUrl }), start<AuditRequests>({ script, databaseUrl })];
  await sealer.ask("skip", undefined);
  await sealer.ask("setSealing", true);
  const { rounds, ...task } = measured;
  console.log(
    `\nA second, medians of ${rounds} rounds of ${task.seconds} s, ${task.atOnce} at once, sealing beside it:`,
  );
  const rates = Object.fromEntries(Object.keys(labels).map((operation) => [operation, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const operation of Object.keys(labels) as ScaleOperation[])
      rates[operation]?.push(await app.ask("rate", { ...task, operation, users }));
  }
  for (const [operation, label] of Object.entries(labels))
    console.log(
      `  ${label.padEnd(36)}${Math.round(median(rates[operation] ?? []))
        .toLocaleString("en")
        .padStart(8)}`,
    );
  await sealer.ask("setSealing", false);
  return [];
});
