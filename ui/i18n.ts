import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import type en from "@/messages/en.json";
import { localeCookieName, parseLocale } from "@/messages/locales";
import { keptTexts } from "@/messages/texts";
import { names } from "./brand/brand";
import { negotiateLocale } from "./locales";

const catalogueOf = keptTexts<typeof en>((name) => import(`../messages/${name}.json`));

export default getRequestConfig(async () => {
  const chosen = parseLocale((await cookies()).get(localeCookieName)?.value);
  const locale = chosen ?? negotiateLocale((await headers()).get("accept-language"));
  const catalogue = await catalogueOf(locale);
  return {
    locale,
    messages: { ...catalogue, brand: { name: names[locale] ?? names.en } },
    // The server cannot know where the person is. It writes UTC, says so, and the browser puts local time in its place.
    timeZone: "UTC",
    now: new Date(),
  };
});
