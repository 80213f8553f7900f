import type en from "@/messages/en.json";
import { type Locale, parseLocale } from "@/messages/locales";

type EnglishMessages = typeof en;

/** Every text of the app. Pages that bring texts of their own declare them here. */
export interface AppMessages extends EnglishMessages {
  /** The app's name, out of ui/brand/brand.tsx. */
  brand: { name: string };
}

// next-intl checks message keys and their placeholders against the English file at compile time.
declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: AppMessages;
  }
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
