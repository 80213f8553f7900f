import { type ChildProcess, spawn } from "node:child_process";

// Reads "<process or -group> <signal>" to tie one to us and "<process or -group>" to let it go. The end of the pipe is
// our own end, however it came: a killed process runs no handler, but the kernel closes what it had open.
const script = `
const tied = new Map();
let rest = "";
process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const [target, signal] of lines.map((line) => line.split(" "))) {
    if (signal) tied.set(target, signal);
    else tied.delete(target);
  }
});
process.stdin.on("end", () => {
  for (const [target, signal] of tied) try { process.kill(Number(target), signal); } catch {}
});
`;

let watcher: ChildProcess | undefined;

/**
 * Makes sure that a child does not outlive this process, even when this one is killed. It is sent `signal` then.
 *
 * @param options.group whether the child leads a group of its own (`detached: true`) and all of it is meant
 * @returns a function that lets go of the child, to be called when it has ended: its number is given out again
 */
export function tie(child: ChildProcess, signal: NodeJS.Signals, options: { group?: boolean } = {}): () => void {
  if (!child.pid) return () => {};
  const target = options.group && process.platform !== "win32" ? -child.pid : child.pid;
  tell(`${target} ${signal}\n`);
  return () => tell(`${target}\n`);
}

function tell(line: string): void {
  watcher ??= startWatcher();
  watcher.stdin?.write(line);
}

function startWatcher(): ChildProcess {
  const child = spawn(process.execPath, ["-e", script], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It must not keep us alive, nor end us when somebody ends it.
  child.unref();
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  (child.stdin as typeof child.stdin & { unref?: () => void }).unref?.();
  return child;
}
