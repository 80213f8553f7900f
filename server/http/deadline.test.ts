import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { deadlineIn, earlier, onDeadline, wallDeadlineIn } from "./deadline";

const busyChild = `
  import { deadlineIn, wallDeadlineIn } from "./server/http/deadline.ts";
  const [own, wall, began] = [deadlineIn(60_000), wallDeadlineIn(60_000), performance.now()];
  process.stdout.write("begun");
  while (performance.now() - began < 3_000);
  process.stdout.write(JSON.stringify([performance.now() - began, own.leftMs(), wall.leftMs()]));
`;

it("FF-74: time in which the process was not allowed to run does not count, but for a deadline by the wall's clock", async () => {
  const flags = ["--import", "tsx", "--conditions=react-server", "--input-type=module", "-e", busyChild];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  await sleep(1_000);
  child.kill("SIGCONT");
  await once(child, "close");
  const [passed, own, wall] = JSON.parse(output.replace("begun", "")) as [number, number, number];
  expect(60_000 - own).toBeLessThan(passed - 500);
  expect(60_000 - own).toBeGreaterThanOrEqual(passed - 1_000 - 1);
  expect(60_000 - wall).toBeGreaterThan(passed - 1);
});

it("a deadline ends what waits for it, unless that is called off, and the earlier of two counts", async () => {
  const short = earlier(deadlineIn(60_000), wallDeadlineIn(1));
  expect(short.leftMs()).toBeLessThan(60_000);
  const calls: string[] = [];
  onDeadline(short, () => calls.push("called off"))();
  await new Promise<void>((resolve) => onDeadline(short, resolve));
  expect(calls).toEqual([]);
});
