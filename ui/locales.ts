import type en from "@/messages/en.json";

export const locales = ["en", "ko"] as const;
export type Locale = (typeof locales)[number];
export const localeCookieName = "daemun.locale";

// next-intl checks message keys and their placeholders against the English file at compile time.
declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en;
  }
}

/** @returns the locale that `value` names exactly, else null. Never trusts its input. */
export function parseLocale(value: unknown): Locale | null {
  return locales.find((locale) => locale === value) ?? null;
}

/**
 * Chooses a locale from an `Accept-Language` header (RFC 9110 §12.5.4): the highest quality wins, the earlier one
 * among equals. English when nothing fits.
 */
export function negotiateLocale(acceptLanguage: string | null): Locale {
  let best: { locale: Locale; quality: number } | null = null;
  // A header is the stranger's to write: no more of it is read than any browser sends.
  for (const range of (acceptLanguage ?? "").slice(0, 500).split(",")) {
    const [tag = "", ...parameters] = range.trim().toLowerCase().split(";");
    const locale = parseLocale(tag.split("-")[0]);
    const quality = qualityOf(parameters);
    if (locale && quality > (best?.quality ?? 0)) best = { locale, quality };
  }
  return best?.locale ?? "en";
}

function qualityOf(parameters: string[]): number {
  const written = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("q="));
  if (written === undefined) return 1;
  const quality = Number(written.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
