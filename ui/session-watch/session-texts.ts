import type { Ending } from "./watch-view";

/** What is said once the session is over, and as which the page is then known. */
export interface EndingText {
  title: string;
  heading: string;
  body: string;
}

/** The sentences of a number, by plural category (CLDR); `#` stands for the number. */
export type CountedText = Partial<Record<Intl.LDMLPluralRule, string>>;

/** All that the watch over a session says, in the page's language: no catalogue has to go to the browser for it. */
export interface SessionTexts {
  locale: string;
  idle: { heading: string; body: string; stay: string; signOut: string };
  absolute: { heading: string; body: string; signIn: string; later: string };
  leftMinutes: CountedText;
  leftSeconds: CountedText;
  unreachable: string;
  over: { signIn: string; again: string } & Record<Exclude<Ending, "found-again">, EndingText>;
}

// Counts of which a countdown of minutes or seconds has each category at least once, in the languages that have it.
const samples = [2, 1, 0, ...Array.from({ length: 57 }, (_, index) => index + 3)];

/**
 * The sentences that `say` has for whole numbers from 0 to 59, one for each plural category of the language.
 *
 * @param say words a number, which its sentence writes in Western digits or not at all
 */
export function countedTexts(locale: string, say: (count: number) => string): CountedText {
  const rules = new Intl.PluralRules(locale);
  const texts: CountedText = {};
  // The largest comes last and stays: no other number stands in its sentence.
  for (const count of samples) texts[rules.select(count)] = say(count).replace(String(count), "#");
  return texts;
}

/** The sentence of `count`. */
export function countedText(texts: CountedText, locale: string, count: number): string {
  const text = texts[new Intl.PluralRules(locale).select(count)] ?? texts.other ?? "";
  return text.replace("#", String(count));
}
