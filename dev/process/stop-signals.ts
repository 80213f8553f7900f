/**
 * Calls `stop` when this process is told to end: by a signal, or by the end of the npm that runs it.
 * It may be called more than once, and nothing else ends the process then.
 */
export function onStop(stop: (signal: NodeJS.Signals) => void): void {
  // Every time, not once: npm passes on a Ctrl-C that the terminal has sent already, and the second must not kill.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));

  // npm starts scripts through a shell, and that shell dies of a SIGTERM without passing it on.
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop("SIGTERM");
  }, 250);
  watch.unref();
}
