// Loaded into an app before anything else (`--import`). SIGUSR2 begins a profile, and the next one ends it and writes it.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

const file = process.env.BENCH_PROFILE_FILE;
let session = null;

process.on("SIGUSR2", () => void toggle());

async function toggle() {
  if (session) {
    const ended = session;
    session = null;
    const { profile } = await ended.post("Profiler.stop");
    ended.disconnect();
    writeFileSync(`${file}.unfinished`, JSON.stringify(profile));
    const { renameSync } = await import("node:fs");
    renameSync(`${file}.unfinished`, file);
    return;
  }
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 250 });
  await session.post("Profiler.start");
  writeFileSync(`${file}.started`, "");
}
