import "server-only";
import { createTranslator } from "use-intl/core";
import messages from "@/messages/en.json";
import type { Report } from "./examine";
import type { CheckId, Finding } from "./findings";

/** Where the document of that language speaks of a check. */
export function docsOf(check: CheckId, locale = "en"): string {
  return `docs/doctor${locale === "ko" ? ".ko" : ""}.md#${check.replace(".", "")}`;
}

interface Told {
  title: string;
  said: string;
  cure: string | null;
}

const marks = { ok: "ok      ", warning: "WARNING ", fault: "FAULT   " } as const;

/** The report for a terminal, in English: what is not good with its cure and a place to read on. */
export function reportText(report: Report): string {
  const t = createTranslator({ locale: "en", messages, namespace: "doctor" });
  const lines = report.findings.flatMap((finding) => {
    const { title, said, cure } = tell(finding);
    const about = finding.about === null ? "" : `${finding.about}: `;
    const more = cure === null ? [] : [`          ${cure}`, `          ${docsOf(finding.check)}`];
    return [`${marks[finding.verdict]}  ${about}${title}: ${said}`, ...more];
  });
  const count = report.findings.filter(({ verdict }) => verdict === report.verdict).length;
  const stopped = report.stopsStart ? [t("stopped")] : [];
  return [...lines, "", t(`summary.${report.verdict}`, { count }), ...stopped].join("\n");
}

/** The report for programs: names that stay, and the same sentences. */
export function reportJson(report: Report) {
  return {
    at: report.at.toISOString(),
    verdict: report.verdict,
    findings: report.findings.map((finding) => ({
      check: finding.check,
      verdict: finding.verdict,
      code: finding.code,
      about: finding.about,
      ...tell(finding),
      docs: docsOf(finding.check),
    })),
  };
}

function tell({ check, code, verdict, facts }: Finding): Told {
  const t = createTranslator({ locale: "en", messages, namespace: "doctor" });
  return {
    title: t(`checks.${check}`),
    said: t(`findings.${code}.said`, facts),
    cure: verdict === "ok" ? null : t(`findings.${code}.cure` as "findings.secretWeak.cure", facts),
  };
}
