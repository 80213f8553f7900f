import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { examine, type Report } from "@/server/doctor/examine";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import { SectionFrame } from "@/ui/section-frame";
import { ErrorCodes } from "./_components/error-codes";
import { SubjectCard } from "./_components/subject-card";
import { subjectsOf } from "./subjects";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("doctor");
  return { title: t("title") };
}

const tones = { ok: "calm", warning: "warn", fault: "danger" } as const;

export default async function DoctorPage() {
  await requireSession({ roles: adminRoles(), returnTo: "/admin/doctor" });
  const [t, report] = await Promise.all([
    getTranslations("doctor"),
    headers().then((asked) => examine({ headers: asked })),
  ]);
  const subjects = subjectsOf(report);
  return (
    <SectionFrame
      heading={t("heading")}
      lead={t("lead")}
      label={t("label")}
      links={[
        ...subjects.map(({ subject }) => ({ href: `#${subject}`, label: t(`subjects.${subject}`) })),
        { href: "#error-codes", label: t("codes.title") },
      ]}
      exit={{ href: "/admin", label: t("back") }}
    >
      <div className="space-y-4">
        <Notice tone={tones[report.verdict]} title={t(`summary.${report.verdict}`, { count: worstOf(report) })} />
        <a href="/admin/doctor" className={buttonStyle("secondary")}>
          {t("again")}
        </a>
      </div>
      {subjects.map(({ subject, amiss, good }) => (
        <SubjectCard key={subject} subject={subject} amiss={amiss} good={good} />
      ))}
      <ErrorCodes />
    </SectionFrame>
  );
}

/** How many findings are as bad as the worst. */
function worstOf({ findings, verdict }: Report): number {
  return findings.filter((finding) => finding.verdict === verdict).length;
}
