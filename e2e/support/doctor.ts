import { spawn } from "node:child_process";
import { join } from "node:path";
import { exitOf } from "../../dev/process/child";
import { tie } from "../../dev/process/tied";
import { root } from "../../dev/run/build";

export interface DoctorsReport {
  verdict: "ok" | "warning" | "fault";
  findings: {
    check: string;
    verdict: string;
    code: string;
    about: string | null;
    said: string;
    cure: string | null;
    docs: string;
  }[];
}

export interface DoctorsRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs `npm run doctor` as an operator would, with the tests' configuration, and nothing of our own environment. */
export async function runDoctor(
  env: Readonly<Record<string, string | undefined>>,
  ...args: string[]
): Promise<DoctorsRun> {
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "cli/doctor.ts", ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TSX_TSCONFIG_PATH: join(root, "e2e/support/tsconfig.json"),
      // Keeps what the developer's own .env files say away.
      __NEXT_PROCESSED_ENV: "true",
      NODE_ENV: "production",
      ...env,
    },
  });
  const letGo = tie(child, "SIGKILL", { group: true });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exitCode = await exitOf(child);
  letGo();
  return { exitCode, stdout, stderr };
}

/** The same with `--json`, read. */
export async function askDoctor(env: Readonly<Record<string, string | undefined>>) {
  const { exitCode, stdout, stderr } = await runDoctor(env, "--json");
  if (!stdout.startsWith("{")) throw new Error(`No report:\n${stdout}${stderr}`);
  return { exitCode, output: stdout + stderr, report: JSON.parse(stdout) as DoctorsReport };
}

/** What the tests' configuration says of providers that only other tests have. */
const always = ["providersUnnamed"];

/** What is not good, but for that: `code`, or `code:about`. */
export const amiss = ({ findings }: DoctorsReport) =>
  findings
    .filter(({ verdict, code }) => verdict !== "ok" && !always.includes(code))
    .map(({ code, about }) => (about === null ? code : `${code}:${about}`))
    .sort();
