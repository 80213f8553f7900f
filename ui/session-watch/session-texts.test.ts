import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import en from "@/messages/en.json";
import ko from "@/messages/ko.json";
import { countedText, countedTexts } from "./session-texts";

describe.each([
  { locale: "en", messages: en },
  { locale: "ko", messages: ko },
] as const)("what the countdown says in $locale", ({ locale, messages }) => {
  const t = createTranslator({ locale, messages, namespace: "sessionWatch" });

  it.each(["leftSeconds", "leftMinutes"] as const)("is the catalogue's own sentence for each number: %s", (key) => {
    const texts = countedTexts(locale, (count) => t(key, { count }));
    for (let count = 0; count < 60; count++) expect(countedText(texts, locale, count)).toBe(t(key, { count }));
  });
});

it("a language with many plural forms has the right one for each number", () => {
  const say = (count: number) => `${new Intl.PluralRules("ar").select(count)} ${count}`;
  const texts = countedTexts("ar", say);
  for (let count = 0; count < 60; count++) expect(countedText(texts, "ar", count)).toBe(say(count));
});
