import { median } from "./load";
import { runBench } from "./registry/run";
import type { TelemetryRequests } from "./telemetry/app";

/**
 * What spans and metrics cost where no collector is named: all that one call of a service tells, a refresh with it, against
 * `SELECT 1`, which is less than any request does. By the server's own modules, in turn in one process.
 */
const calls = 200;
const ceiling = 0.05;

await runBench("telemetry", async ({ fill, start }) => {
  const script = new URL("telemetry/app.ts", import.meta.url);
  const instance = start<TelemetryRequests>({ script, databaseUrl: await fill(100) });
  const times = await instance.ask("race", { warmUps: 10, rounds: 60, calls });
  const [telemetry, bare] = [median(times.telemetry) / calls, median(times.bare) / calls];
  console.log("\nMilliseconds a call, medians of 60 rounds");
  console.log(`  SELECT 1${bare.toFixed(4).padStart(40)}`);
  console.log(`  what is told, to nobody${telemetry.toFixed(4).padStart(25)}`);
  console.log(`  ratio${(telemetry / bare).toFixed(3).padStart(43)}`);
  await instance.end();
  return telemetry / bare <= ceiling ? [] : [`telling nobody costs more than ${ceiling * 100} % of SELECT 1.`];
});
