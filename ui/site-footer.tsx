import { useTranslations } from "next-intl";
import type { Theme } from "./brand/theme";
import { ThemeSwitch } from "./theme-switch";

export function SiteFooter({ theme, path }: { theme: Theme; path: string }) {
  const t = useTranslations();
  return (
    <footer className="border-line border-t">
      <div className="mx-auto flex w-full max-w-5xl flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-5 text-muted text-sm">
        <div className="flex flex-wrap gap-x-6 gap-y-1">
          <p className="font-semibold">{t("brand.name")}</p>
          <p>{t("shell.footer")}</p>
        </div>
        <ThemeSwitch current={theme} path={path} />
      </div>
    </footer>
  );
}
