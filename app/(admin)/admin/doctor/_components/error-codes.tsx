import { useTranslations } from "next-intl";
import type { ErrorCode } from "@/edge/error-codes";
import { checksOfError } from "@/server/doctor/error-codes";
import { Breakable } from "@/ui/breakable";
import { SectionCard } from "@/ui/section-card";
import { subjectOf } from "../subjects";

/** For whoever was sent an error code by a user: which checks find its cause. */
export function ErrorCodes() {
  const t = useTranslations("doctor");
  const codes = Object.keys(checksOfError) as ErrorCode[];
  return (
    <SectionCard id="error-codes" heading={t("codes.title")} lead={t("codes.lead")}>
      <details className="group px-5 pt-2 pb-4 sm:px-6">
        <summary className="flex min-h-11 cursor-pointer items-center gap-2 font-medium text-accent underline-offset-4 hover:underline">
          <span aria-hidden="true" className="transition-transform group-open:rotate-90">
            ›
          </span>
          {t("codes.show", { count: codes.length })}
        </summary>
        <dl className="divide-y divide-line">
          {codes.map((code) => (
            <div key={code} className="grid gap-x-6 gap-y-1 py-3 sm:grid-cols-[14rem_minmax(0,1fr)]">
              <dt>
                <code className="text-sm wrap-anywhere">
                  <Breakable text={code} />
                </code>
              </dt>
              <dd className="text-muted">
                {checksOfError[code].length > 0
                  ? checksOfError[code]
                      .map((check) => `${t(`subjects.${subjectOf(check)}`)} › ${t(`checks.${check}`)}`)
                      .join(", ")
                  : t("codes.none")}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </SectionCard>
  );
}
