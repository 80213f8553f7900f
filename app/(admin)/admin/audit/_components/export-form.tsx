import { useTranslations } from "next-intl";
import type { FilterFields } from "@/server/administration/audit-filter";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";

/** What is shown, as a file: all of it, not a page. */
export function ExportForm({ fields }: { fields: FilterFields }) {
  const t = useTranslations("admin.audit.export");
  return (
    <SectionCard id="export" heading={t("heading")} lead={t("lead")}>
      <form
        method="get"
        action="/api/admin/audit"
        data-form="export"
        data-download
        className="flex flex-wrap gap-3 p-5 sm:p-6"
      >
        {Object.entries(fields).map(
          ([name, value]) => value !== undefined && <input key={name} type="hidden" name={name} value={value} />,
        )}
        {(["csv", "ndjson"] as const).map((format) => (
          <button key={format} type="submit" name="format" value={format} className={buttonStyle("secondary")}>
            {t(format)}
          </button>
        ))}
      </form>
    </SectionCard>
  );
}
