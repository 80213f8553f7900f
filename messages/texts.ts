import type { Locale } from "./locales";

type Texts = { [key: string]: string | Texts };

/**
 * Reads the texts of a language, each file `<language>.json` of a folder: what a language does not say yet is said in English.
 *
 * @param read the file of a language
 */
export async function textsOf<Catalogue>(
  locale: Locale,
  read: (locale: string) => Promise<{ default: unknown }>,
): Promise<Catalogue> {
  const [own, english] = await Promise.all([read(locale), read("en")]);
  return (
    locale === "en" ? english.default : withDefaults(own.default as Texts, english.default as Texts)
  ) as Catalogue;
}

/**
 * The same, put together once for each language and process: the files are part of the build.
 *
 * @returns what reads the texts of a language; nobody may change what it answers
 */
export function keptTexts<Catalogue>(
  read: (locale: string) => Promise<{ default: unknown }>,
): (locale: Locale) => Promise<Catalogue> {
  const kept = new Map<Locale, Promise<Catalogue>>();
  return (locale) => {
    const found = kept.get(locale);
    if (found) return found;
    const reading = textsOf<Catalogue>(locale, read);
    // In development files change under a process that runs; what could not be read is tried again.
    if (process.env.NODE_ENV === "production") kept.set(locale, reading);
    reading.catch(() => kept.delete(locale));
    return reading;
  };
}

function withDefaults(own: Texts, defaults: Texts): Texts {
  const texts = Object.entries(defaults).map(([key, text]) => {
    const said = own[key];
    if (typeof text === "string" || typeof said !== "object") return [key, typeof said === typeof text ? said : text];
    return [key, withDefaults(said, text)];
  });
  return Object.fromEntries(texts);
}
