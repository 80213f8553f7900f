/**
 * The session secrets: `AUTH_SECRET`, which seals, then `AUTH_SECRET_1` and so on, which only open. The server refuses to
 * start when they are missing or short, so that the edge may take them as they are.
 */
export function readSecrets(environment: Readonly<Record<string, string | undefined>>): string[] {
  const numbered = Object.keys(environment)
    .filter((name) => /^AUTH_SECRET_\d+$/.test(name))
    .sort((a, b) => Number(a.slice(12)) - Number(b.slice(12)));
  return ["AUTH_SECRET", ...numbered].flatMap((name) => environment[name] || []);
}
