import type { History, Violation } from "./history";
import type { Refresh, Rotation } from "./provider-facts";

/** What a run was, in figures; no token is in it. */
export interface Report {
  seed: string;
  seconds: number;
  /** How often each thing was asked, by its answer. */
  answers: Record<string, Record<string, number>>;
  faults: Record<string, number>;
  endings: Record<string, number>;
  refreshes: Record<Refresh["outcome"], number>;
  sessions: number;
  tokens: { handedOut: number; atServices: number; issued: number };
  streams: number;
  /** Milliseconds. */
  slowest: { what: string; ms: number }[];
  /** What the instances logged as errors. */
  errors: Record<string, number>;
  violations: Violation[];
}

interface Facts {
  errors: Record<string, number>;
  history: History;
  refreshes: readonly Refresh[];
  rotations: readonly Rotation[];
  violations: Violation[];
  seed: string;
  seconds: number;
  begun: number;
}

export function summarize({ history, refreshes, rotations, errors, violations, seed, seconds, begun }: Facts): Report {
  const answers: Report["answers"] = {};
  for (const { what, outcome, code } of history.asked) {
    const answer = code ?? outcome;
    const counts = answers[what] ?? {};
    answers[what] = { ...counts, [answer]: (counts[answer] ?? 0) + 1 };
  }
  const slowest = history.asked
    .map(({ what, begin, end }) => ({ what, ms: end - begin }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 5);
  return {
    seed,
    seconds,
    answers,
    faults: count(history.faults.map(({ kind, what }) => `${kind}: ${what}`)),
    endings: count(history.endings.map(({ by, end }) => (end === null ? `${by}, unanswered` : by))),
    refreshes: { renewed: 0, lost: 0, refused: 0, failed: 0, ...count(refreshes.map(({ outcome }) => outcome)) },
    sessions: history.lives.length,
    tokens: { handedOut: history.handed.length, atServices: history.served.length, issued: rotations.length },
    streams: history.streams.length,
    slowest,
    errors,
    violations: violations.map((violation) => ({ ...violation, at: violation.at - begun })),
  };
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The report as text, for a terminal. */
export function formatReport(report: Report): string {
  const { answers, faults, endings, refreshes, tokens, slowest, errors, violations } = report;
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, times]) => `${name} ${times}`)
      .join(", ");
  const asked = Object.values(answers).flatMap((counts) => Object.values(counts));
  return [
    `Soak of ${report.seconds} s, seed "${report.seed}".`,
    "",
    `Requests: ${asked.reduce((sum, times) => sum + times, 0)}`,
    ...Object.keys(answers)
      .sort()
      .map((what) => `  ${what}: ${list(answers[what] ?? {})}`),
    `Sessions: ${report.sessions}; ended by ${list(endings)}`,
    `Faults: ${list(faults)}`,
    `Refreshes: ${list(refreshes)}`,
    `Access tokens: ${tokens.issued} issued, ${tokens.handedOut} handed out, ${tokens.atServices} seen at services; ${report.streams} streams`,
    `Slowest: ${slowest.map(({ what, ms }) => `${what} ${ms} ms`).join(", ")}`,
    ...Object.entries(errors).map(([what, times]) => `Logged as an error, ${times} times: ${what}`),
    "",
    violations.length === 0 ? "No violation." : `${violations.length} violations:`,
    ...violations.map(({ rule, what, at }) => `  ${(at / 1000).toFixed(1)} s, ${rule}: ${what}`),
  ].join("\n");
}
