import type { AppName } from "@/bench/baselines/build";
import type { Cost } from "./measure";

/** What one case cost each app, medians of all rounds. */
export type Costs = Partial<Record<AppName, Cost>>;

/** At most so many times the processor time that another app takes for the same. */
const processorLimits = {
  home: { against: "bare", atMost: 1.3 },
  public: { against: "bare", atMost: 1.3 },
  "signed-in": { against: "thin", atMost: 1.5 },
  open: { against: "bare", atMost: 1.25 },
  checked: { against: "thin", atMost: 1.3 },
  token: { against: "thin", atMost: 1.9 },
} as const satisfies Record<string, { against: AppName; atMost: number }>;

/** At least this share of the bare app's requests a second for a gated page. */
const gatedShare = 0.5;
/** At least this share of the requests a second that a plain route of the same app has, which fetches the same service. */
const proxiedShare = 0.8;
/** So many statements a request. Once in half a minute somebody's activity is written, which is the rest. */
const statementLimits: Readonly<Record<string, number>> = { checked: 1.1, token: 2.1, proxied: 2.1 };
/** Before 24, Node does for each promise what costs an app more the more it awaits: all ratios may be as much worse. */
const olderNode = 1.3;

/** What a bench says in the end: a line for each promise, and which were missed. */
export interface Verdict {
  lines: string[];
  missed: string[];
}

const slack = () => (Number(process.versions.node.split(".")[0]) < 24 ? olderNode : 1);

/** Whether the cases that were measured keep what is promised of them. */
export function judge(costs: ReadonlyMap<string, Costs>): Verdict {
  const verdict: Verdict = { lines: [], missed: [] };
  for (const [id, { against, atMost }] of Object.entries(processorLimits)) {
    const [ours, theirs] = [costs.get(id)?.daemun, costs.get(id)?.[against]];
    if (!ours || !theirs) continue;
    atMostRatio(verdict, `${id}: processor time of ${against}'s`, ours.processorMs / theirs.processorMs, atMost);
  }
  const rate = (id: string, name: AppName) => costs.get(id)?.[name]?.requestsPerSecond;
  atLeastRatio(
    verdict,
    "gated: requests a second of bare's",
    rate("gated", "daemun"),
    rate("gated", "bare"),
    gatedShare,
  );
  const plain = rate("plain", "daemun");
  atLeastRatio(
    verdict,
    "proxied: requests a second of a plain route's",
    rate("proxied", "daemun"),
    plain,
    proxiedShare,
  );
  return verdict;
}

/** Adds a promise of a ratio that is not to be above `atMost` on Node 24 or later. */
export function atMostRatio({ lines, missed }: Verdict, what: string, ratio: number, atMost: number): void {
  const limit = atMost * slack();
  tell(lines, missed, `${what}: ${ratio.toFixed(2)} (at most ${limit.toFixed(2)})`, ratio <= limit);
}

function atLeastRatio(
  { lines, missed }: Verdict,
  what: string,
  ours = Number.NaN,
  theirs = Number.NaN,
  least = 0,
): void {
  if (Number.isNaN(ours) || Number.isNaN(theirs)) return;
  const limit = least / slack();
  tell(lines, missed, `${what}: ${(ours / theirs).toFixed(2)} (at least ${limit.toFixed(2)})`, ours / theirs >= limit);
}

/** Adds what is promised of a case's statements, if anything is. */
export function judgeStatements({ lines, missed }: Verdict, id: string, each: number): void {
  const limit = statementLimits[id];
  if (limit === undefined) return;
  tell(lines, missed, `${id}: ${each.toFixed(2)} statements a request (at most ${limit.toFixed(2)})`, each <= limit);
}

function tell(lines: string[], missed: string[], line: string, isKept: boolean): void {
  lines.push(line);
  if (!isKept) missed.push(line);
}
