import { colours } from "./brand";

/** Light, dark, or as the system has it. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** The cookie that keeps the one that somebody chose. */
export const themeCookieName = "daemun.theme";

/** @returns the theme that `value` names exactly, else null. Never trusts its input. */
export function parseTheme(value: unknown): Theme | null {
  return themes.find((theme) => theme === value) ?? null;
}

// A provider's own, which are not ours to change: https://developers.google.com/identity/branding-guidelines
const googles = {
  "google-surface": ["#ffffff", "#131314"],
  "google-edge": ["#747775", "#8e918f"],
  "google-ink": ["#1f1f1f", "#e3e3e3"],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

const all = { ...colours, ...googles };

function variables(index: 0 | 1): string {
  return Object.entries(all)
    .map(([name, pair]) => `--${name}:${pair[index]}`)
    .join(";");
}

/** The style sheet of a theme. The server writes it into each page, so that no page is seen in the other one first. */
export function themeStyle(theme: Theme): string {
  if (theme !== "system") return `:root{color-scheme:${theme};${variables(theme === "light" ? 0 : 1)}}`;
  const dark = `@media (prefers-color-scheme:dark){:root{${variables(1)}}}`;
  return `:root{color-scheme:light dark;${variables(0)}}${dark}`;
}

/** The same as properties of an element, for a page that can have no style sheet of its own. */
export function themeProperties(): Record<string, string> {
  const pairs = Object.entries(all).map(([name, [light, dark]]) => [`--${name}`, `light-dark(${light}, ${dark})`]);
  return { colorScheme: "light dark", ...Object.fromEntries(pairs) };
}
