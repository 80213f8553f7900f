import type { Locale } from "@/messages/locales";

interface LanguageSwitchProps {
  /** The language that the button changes to. */
  to: Locale;
  /** That language's name, in itself. */
  label: string;
  /** The path and query of the page that the person is on. */
  path: string;
}

export function LanguageSwitch({ to, label, path }: LanguageSwitchProps) {
  return (
    <form method="post" action="/api/locale">
      <input type="hidden" name="locale" value={to} />
      <input type="hidden" name="returnTo" value={path} />
      <button
        type="submit"
        lang={to}
        className="inline-flex min-h-11 items-center rounded-lg px-3 font-medium text-muted transition-colors hover:bg-accent-soft hover:text-ink"
      >
        {label}
      </button>
    </form>
  );
}
