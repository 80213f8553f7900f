import { useTranslations } from "next-intl";

export function SiteFooter() {
  const t = useTranslations();
  return (
    <footer className="border-line border-t">
      <div className="mx-auto flex w-full max-w-5xl flex-wrap gap-x-6 gap-y-1 px-5 py-6 text-muted text-sm">
        <p className="font-semibold">{t("brand.name")}</p>
        <p>{t("shell.footer")}</p>
      </div>
    </footer>
  );
}
