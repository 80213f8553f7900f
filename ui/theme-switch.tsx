import { type Theme, themes } from "./brand/theme";

const shapes = {
  system: "M3.5 4.5h13v8.5h-13zM7 16.5h6M10 13v3.500",
  light:
    "M10 6.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100",
  dark: "M16.500 11.800A6.800 6.800 0 0 1 8.200 3.500a6.800 6.800 0 1 0 8.300 8.300z",
} as const satisfies Record<Theme, string>;

interface ThemeSwitchProps {
  current: Theme;
  /** The path and query of the page that somebody is on. */
  path: string;
  texts: { label: string } & Record<Theme, string>;
}

/** Light, dark, or as the system has it: kept in a cookie, so that it works without script and nothing flashes. */
export function ThemeSwitch({ current, path, texts }: ThemeSwitchProps) {
  return (
    <form method="post" action="/api/theme" className="flex items-center">
      <input type="hidden" name="returnTo" value={path} />
      <fieldset className="flex rounded-lg border border-line">
        <legend className="sr-only">{texts.label}</legend>
        {themes.map((theme) => (
          <button
            key={theme}
            type="submit"
            name="theme"
            value={theme}
            aria-pressed={theme === current}
            aria-label={texts[theme]}
            title={texts[theme]}
            className="inline-flex size-11 items-center justify-center rounded-lg text-muted transition-colors hover:bg-accent-soft hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent"
          >
            <svg
              viewBox="0 0 20 20"
              className="size-5 fill-none stroke-current"
              strokeWidth="1.600"
              strokeLinecap="round"
              strokeLinejoin="round"
              aria-hidden="true"
              focusable="false"
            >
              <path d={shapes[theme]} />
            </svg>
          </button>
        ))}
      </fieldset>
    </form>
  );
}
