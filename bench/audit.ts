import { setTimeout as sleep } from "node:timers/promises";
import type { AuditRequests } from "./audit/app";
import { median, quantile } from "./load";
import { runBench } from "./registry/run";

/**
 * What the chain over the audit trail costs: whether 1,000 rows a second are sealed within their five seconds, and how many
 * sign-ins a second there are with a process that seals beside them and without, in turn.
 */
const users = 20_000;
const rows = { perSecond: 1_000, seconds: 30 };
const signIns = { rounds: 16, seconds: 4, atOnce: 8 };
const promise = { ageMs: 5_000, share: 0.95 };

await runBench("audit", async ({ fill, start }) => {
  const databaseUrl = await fill(users);
  const script = new URL("audit/app.ts", import.meta.url);
  const [app, sealer] = [start<AuditRequests>({ script, databaseUrl }), start<AuditRequests>({ script, databaseUrl })];
  const missed: string[] = [];

  await app.ask("write", { perSecond: 20_000, seconds: 3 });
  const capacity = await sealer.ask("sealAll", undefined);
  console.log(`\nSealed without a pause: ${Math.round(capacity).toLocaleString("en")} rows a second.`);

  await sealer.ask("setSealing", true);
  let isWriting = true;
  const writing = app.ask("write", rows).finally(() => {
    isWriting = false;
  });
  const ages: number[] = [];
  while (isWriting) {
    ages.push(await sealer.ask("oldestUnsealed", undefined));
    await sleep(200);
  }
  const oldest = Math.max(...ages);
  const written = Math.round(await writing).toLocaleString("en");
  console.log(
    `${written} rows a second for ${rows.seconds} s: the oldest unsealed row was ${Math.round(oldest)} ms old.`,
  );
  if (oldest > promise.ageMs) missed.push(`a row waited for its seal longer than ${promise.ageMs} ms.`);
  await sealer.ask("setSealing", false);

  const rates = { with: [] as number[], without: [] as number[] };
  const task = { operation: "signIn", users, seconds: signIns.seconds, atOnce: signIns.atOnce } as const;
  await app.ask("rate", task);
  const shares: number[] = [];
  for (let round = 0; round < signIns.rounds; round += 1) {
    const pair = { with: 0, without: 0 };
    for (const kind of round % 2 === 0 ? (["without", "with"] as const) : (["with", "without"] as const)) {
      await sealer.ask("skip", undefined);
      await sealer.ask("setSealing", kind === "with");
      pair[kind] = await app.ask("rate", task);
      await sealer.ask("setSealing", false);
      rates[kind].push(pair[kind]);
    }
    shares.push(pair.with / pair.without);
  }
  const share = median(rates.with) / median(rates.without);
  console.log(
    `Sign-ins a second, medians of ${signIns.rounds} rounds in turn: ${median(rates.without).toFixed(1)} without, ${median(rates.with).toFixed(1)} with: ${share.toFixed(3)}.`,
  );
  console.log(
    `  of pairs: ${median(shares).toFixed(3)}, quarters ${quantile(shares, 0.25).toFixed(3)} to ${quantile(shares, 0.75).toFixed(3)}`,
  );
  if (!(share >= promise.share)) missed.push(`sign-ins are slowed to ${share.toFixed(3)} of what they are without.`);
  return missed;
});
