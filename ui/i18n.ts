import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { type Locale, localeCookieName, parseLocale } from "@/messages/locales";
import { names } from "./brand/brand";
import { negotiateLocale } from "./locales";

const catalogues = {
  en: () => import("@/messages/en.json"),
  ko: () => import("@/messages/ko.json"),
} satisfies Record<Locale, () => Promise<unknown>>;

export default getRequestConfig(async () => {
  const chosen = parseLocale((await cookies()).get(localeCookieName)?.value);
  const locale = chosen ?? negotiateLocale((await headers()).get("accept-language"));
  return {
    locale,
    messages: { ...(await catalogues[locale]()).default, brand: { name: names[locale] } },
    // The server cannot know where the person is. It writes UTC, says so, and the browser puts local time in its place.
    timeZone: "UTC",
    now: new Date(),
  };
});
