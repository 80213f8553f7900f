import { useTranslations } from "next-intl";
import { SectionCard } from "@/ui/section-card";
import type { ExaminedSubject } from "../subjects";
import { FindingRow } from "./finding-row";

/** One subject: what is not good in the open, the rest folded away. */
export function SubjectCard({ subject, amiss, good }: ExaminedSubject) {
  const t = useTranslations("doctor");
  return (
    <SectionCard id={subject} heading={t(`subjects.${subject}`)}>
      {amiss.length > 0 && (
        <ul className="divide-y divide-line px-5 sm:px-6">
          {amiss.map((finding) => (
            <FindingRow key={`${finding.code} ${finding.about} ${JSON.stringify(finding.facts)}`} finding={finding} />
          ))}
        </ul>
      )}
      {good.length > 0 && (
        <details className="group px-5 pb-4 sm:px-6">
          <summary className="flex min-h-11 cursor-pointer items-center gap-2 font-medium text-accent underline-offset-4 hover:underline">
            <span aria-hidden="true" className="transition-transform group-open:rotate-90">
              ›
            </span>
            {t("good", { count: good.length })}
          </summary>
          <ul className="divide-y divide-line">
            {good.map((finding) => (
              <FindingRow key={`${finding.code} ${finding.about}`} finding={finding} />
            ))}
          </ul>
        </details>
      )}
    </SectionCard>
  );
}
