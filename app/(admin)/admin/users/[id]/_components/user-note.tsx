import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";

/** What administrators write down about a user, for each other. */
export function UserNote({ id, note, csrfToken }: { id: string; note: string | null; csrfToken: string }) {
  const t = useTranslations("admin.user.note");
  return (
    <SectionCard id="note" heading={t("heading")} lead={t("lead")}>
      <form method="post" action="/api/admin/users/note" data-act="note" className="space-y-3 p-5 sm:p-6">
        <input type="hidden" name="csrfToken" value={csrfToken} />
        <input type="hidden" name="user" value={id} />
        <label className="block">
          <span className="sr-only">{t("heading")}</span>
          <textarea
            name="note"
            rows={3}
            maxLength={2000}
            defaultValue={note ?? ""}
            dir="auto"
            className="w-full rounded-lg border border-edge bg-surface px-3.5 py-2.5 text-ink"
          />
        </label>
        <button type="submit" className={buttonStyle("secondary")}>
          {t("save")}
        </button>
      </form>
    </SectionCard>
  );
}
