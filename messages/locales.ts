export const locales = ["en", "ko"] as const;
export type Locale = (typeof locales)[number];
/** The cookie that keeps the language that somebody chose. */
export const localeCookieName = "daemun.locale";

/** @returns the locale that `value` names exactly, else null. Never trusts its input. */
export function parseLocale(value: unknown): Locale | null {
  return locales.find((locale) => locale === value) ?? null;
}
