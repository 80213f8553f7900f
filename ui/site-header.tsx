import { useLocale, useTranslations } from "next-intl";
import { type Locale, locales } from "@/messages/locales";
import { AccountMenu } from "./account-menu";
import { Mark } from "./brand/brand";
import { LanguageSwitch } from "./language-switch";

/** Who the header is for; `unknown` while the app can't look anyone up. */
export type Visitor =
  | { kind: "anonymous" }
  | { kind: "unknown" }
  | {
      kind: "signed-in";
      name: string | null;
      email: string | null;
      image: string | null;
      /** What people call the organization that they work in. */
      organization: string | null;
      csrfToken: string;
    };

/** What a language calls itself. */
const nameOf = (locale: Locale) => new Intl.DisplayNames([locale], { type: "language" }).of(locale) ?? locale;

// Plain anchors, here and elsewhere: a page that shows who you are is fetched again each time, never prefetched
// (a prefetch must not count as activity) and never shown from the router's memory after you signed out.
export function SiteHeader({ visitor, path }: { visitor: Visitor; path: string }) {
  const t = useTranslations();
  const locale = useLocale();
  return (
    <header className="border-line border-b bg-surface">
      <div className="mx-auto flex min-h-16 w-full max-w-5xl flex-wrap items-center gap-x-2 px-5">
        <a
          href="/"
          aria-label={t("shell.home", { app: t("brand.name") })}
          className="mr-auto inline-flex min-h-11 items-center gap-2.5"
        >
          <Mark className="size-7 text-accent" />
          <span className="font-bold text-lg tracking-tight">{t("brand.name")}</span>
        </a>
        {locales
          .filter((other) => other !== locale)
          .map((other) => (
            <LanguageSwitch key={other} to={other} label={nameOf(other)} path={path} />
          ))}
        {visitor.kind === "anonymous" && (
          <a
            href="/sign-in"
            aria-current={/^\/sign-in(\?|$)/.test(path) ? "page" : undefined}
            className="-mr-3 inline-flex min-h-11 items-center rounded-lg px-3 font-semibold text-accent hover:bg-accent-soft"
          >
            {t("shell.signIn")}
          </a>
        )}
        {visitor.kind === "signed-in" && <AccountMenu {...visitor} path={path} />}
      </div>
    </header>
  );
}
