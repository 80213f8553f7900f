import { useLocale, useTranslations } from "next-intl";
import type { Finding } from "@/server/doctor/findings";
import { docsOf } from "@/server/doctor/report";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";

const tones = { ok: "good", warning: "warn", fault: "danger" } as const;

/** One finding: what was looked at, what it showed, and, where that is not good, what to do. */
export function FindingRow({ finding: { code, check, verdict, about, facts } }: { finding: Finding }) {
  const t = useTranslations("doctor");
  const locale = useLocale();
  return (
    <li className="py-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Badge tone={tones[verdict]}>{t(`verdicts.${verdict}`)}</Badge>
        <h3 className="font-semibold">{t(`checks.${check}`)}</h3>
        {about !== null && <Badge tone="plain">{about.split(":").at(-1)}</Badge>}
      </div>
      <p className="mt-1.5 wrap-anywhere">{t(`findings.${code}.said`, facts)}</p>
      {verdict !== "ok" && (
        <div className="mt-3 rounded-lg bg-paper px-4 py-3 text-[0.9375rem]">
          <p className="font-semibold">{t("cure")}</p>
          <p className="mt-0.5 wrap-anywhere">{t(`findings.${code}.cure` as "findings.secretWeak.cure", facts)}</p>
          <p className="mt-1.5 text-muted text-sm">
            {t("read")}{" "}
            <code className="wrap-anywhere">
              <Breakable text={docsOf(check, locale)} />
            </code>
          </p>
        </div>
      )}
    </li>
  );
}
