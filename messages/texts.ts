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

function withDefaults(own: Texts, defaults: Texts): Texts {
  const texts = Object.entries(defaults).map(([key, text]) => {
    const said = own[key];
    if (typeof text === "string" || typeof said !== "object") return [key, typeof said === typeof text ? said : text];
    return [key, withDefaults(said, text)];
  });
  return Object.fromEntries(texts);
}
