const longest = 300;

/** The errors that instances logged, each with how often it came. What a log line says is fit to be shown. */
export function countErrors(outputs: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of outputs.flatMap((output) => output.split("\n"))) {
    if (!line.startsWith("{") || !line.includes('"level":"error"')) continue;
    const { event, cause = "" } = JSON.parse(line) as { event: string; cause?: string };
    const name = `${event}: ${cause}`.slice(0, longest);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
