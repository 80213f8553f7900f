import type { Report } from "@/server/doctor/examine";
import type { CheckId, Finding } from "@/server/doctor/findings";

type SubjectOf<Check extends string> = Check extends `${infer Subject}.${string}` ? Subject : never;

/** What several checks are about: the part before the dot. */
export type Subject = SubjectOf<CheckId>;

export interface ExaminedSubject {
  subject: Subject;
  /** Faults, then warnings. */
  amiss: readonly Finding[];
  good: readonly Finding[];
}

const weight = { fault: 2, warning: 1, ok: 0 } as const;
const byWeight = (a: Finding, b: Finding) => weight[b.verdict] - weight[a.verdict];

export function subjectOf(check: CheckId): Subject {
  return check.split(".", 1)[0] as Subject;
}

/** The findings by what they are about, those with faults first. */
export function subjectsOf({ findings }: Report): ExaminedSubject[] {
  const all = [...new Set(findings.map(({ check }) => subjectOf(check)))];
  const subjects = all.map((subject) => {
    const own = findings.filter(({ check }) => subjectOf(check) === subject);
    const amiss = own.filter(({ verdict }) => verdict !== "ok").sort(byWeight);
    return { subject, amiss, good: own.filter(({ verdict }) => verdict === "ok") };
  });
  const worst = ({ amiss: [first] }: ExaminedSubject) => (first ? weight[first.verdict] : 0);
  return subjects.sort((a, b) => worst(b) - worst(a));
}
