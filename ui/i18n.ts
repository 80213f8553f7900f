import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import type en from "@/messages/en.json";
import { type Locale, localeCookieName, parseLocale } from "@/messages/locales";
import { names } from "./brand/brand";
import { negotiateLocale } from "./locales";

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

export default getRequestConfig(async () => {
  const chosen = parseLocale((await cookies()).get(localeCookieName)?.value);
  const locale = chosen ?? negotiateLocale((await headers()).get("accept-language"));
  const catalogue = await textsOf<typeof en>(locale, (name) => import(`../messages/${name}.json`));
  return {
    locale,
    messages: { ...catalogue, brand: { name: names[locale] ?? names.en } },
    // The server cannot know where the person is. It writes UTC, says so, and the browser puts local time in its place.
    timeZone: "UTC",
    now: new Date(),
  };
});
