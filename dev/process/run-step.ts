import { spawn } from "node:child_process";
import { root } from "../run/build";
import { endGroup, exitOf } from "./child";
import { tie } from "./tied";

export interface Step {
  /** What to call it in the output. */
  name: string;
  /** Of Node: a script of the repository or of a package, then its arguments. */
  args: string[];
  timeoutMs: number;
  /** Another Node than this one. */
  program?: string;
  env?: Record<string, string>;
  /** Keeps what it prints until it has ended, instead of passing it on at once. */
  quiet?: boolean;
}

export interface StepResult {
  name: string;
  code: number;
  output: string;
  seconds: number;
}

/** Runs one step to its end, or to its time limit, and leaves nothing of it behind. */
export async function runStep({
  name,
  args,
  timeoutMs,
  program = process.execPath,
  env,
  quiet,
}: Step): Promise<StepResult> {
  const begun = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const limit = setTimeout(() => {
    output += `\n${name} took longer than ${timeoutMs / 1000} s.`;
    if (!quiet) console.error(`\n${name} took longer than ${timeoutMs / 1000} s.`);
    void endGroup(child);
  }, timeoutMs);
  const code = await exitOf(child);
  clearTimeout(limit);
  letGo();
  return { name, code, output: output.trim(), seconds: (performance.now() - begun) / 1000 };
}
