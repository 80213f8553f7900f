import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";

export function ExportCard({ csrfToken }: { csrfToken: string }) {
  const t = useTranslations("account.data.export");
  return (
    <SectionCard id="export" heading={t("heading")} lead={t("lead")}>
      <div className="space-y-5 px-5 pt-4 pb-5 sm:px-6 sm:pb-6">
        <div className="space-y-2 text-[0.9375rem]">
          <p>{t("contains")}</p>
          <p>{t("without")}</p>
        </div>
        <form
          method="post"
          action="/api/account/export"
          data-form="export"
          data-download
          className="flex flex-col gap-x-4 gap-y-3 sm:flex-row sm:items-center"
        >
          <input type="hidden" name="csrfToken" value={csrfToken} />
          <button type="submit" aria-describedby="export-format" className={buttonStyle("secondary")}>
            {t("action")}
          </button>
          <p id="export-format" className="text-muted text-sm">
            {t("format")}
          </p>
        </form>
      </div>
    </SectionCard>
  );
}
