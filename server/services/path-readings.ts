import "server-only";

/**
 * What servers make of a path that `parseServicePath` let through, as far as that could name another route: decoded, in
 * lower case and in compatibility form (Windows, Express), without slash at the end. Beside that, each server takes some
 * of these steps: no parameters (Tomcat, Jetty), no stream of a file and nothing that pads the end of a name (Windows), no
 * more than the script's name (PHP, ASP). At most sixteen, and mostly one.
 */
export function readingsOf(path: string): string[] {
  const names = path.split("/").filter(Boolean).map(decodeURIComponent);
  let readings = [names];
  for (const step of steps) readings = withStep(readings, step);
  return readings.map(fold);
}

/** A path of the configuration, in the form in which readings are compared with it. */
export function foldPattern(pattern: string): string {
  const isFolder = pattern.endsWith("/*");
  const folded = fold((isFolder ? pattern.slice(0, -2) : pattern).split("/"));
  if (!isFolder) return folded;
  return folded === "/" ? "/*" : `${folded}/*`;
}

type Step = (names: readonly string[]) => string[];

const steps: readonly Step[] = [
  (names) => names.map((name) => beginOf(name, ";")),
  (names) => names.map((name) => beginOf(name.normalize("NFKC"), ":")),
  (names) => names.map(withoutPadding),
  (names) => names.slice(0, names.findIndex((name) => /\.(?:php|aspx?)$/i.test(name)) + 1 || names.length),
];

function withStep(readings: readonly string[][], step: Step): string[][] {
  const stepped = readings.map(step).filter((names, at) => names.join("/") !== readings[at]?.join("/"));
  return [...readings, ...stepped];
}

function beginOf(name: string, mark: string): string {
  return name.split(mark, 1)[0] ?? "";
}

function withoutPadding(name: string): string {
  const seen = name.replace(/\p{Cf}/gu, "");
  let end = seen.length;
  // Not by one pattern, which would try each of many dots as the first.
  while (end > 0 && /[.\s+]/.test(seen.charAt(end - 1))) end -= 1;
  return seen.slice(0, end);
}

function fold(names: readonly string[]): string {
  return `/${names.filter(Boolean).join("/").normalize("NFKC").toLowerCase()}`;
}
