import "server-only";
import { type Locale, localeCookieName, parseLocale } from "@/messages/locales";

/** The language that was chosen in this browser, or null: providers then go by what the browser says itself. */
export function chosenLocale(jar: ReadonlyMap<string, string>): Locale | null {
  return parseLocale(jar.get(localeCookieName));
}
