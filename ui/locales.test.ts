import { describe, expect, it } from "vitest";
import { parseLocale } from "@/messages/locales";
import { negotiateLocale } from "./locales";

describe("the language of a page", () => {
  it.each([
    ["ko", "ko"],
    ["ko-KR,ko;q=0.9,en-US;q=0.8", "ko"],
    ["fr-FR,ko;q=0.3", "ko"],
    ["en;q=0.4, ko;q=0.8", "ko"],
    ["en,ko", "en"],
    ["ko;q=0,en;q=0.1", "en"],
    ["fr", "en"],
    ["*", "en"],
    ["ko;q=oops", "en"],
    ["", "en"],
    [null, "en"],
  ])("for Accept-Language %j is %s", (header, locale) => {
    expect(negotiateLocale(header)).toBe(locale);
  });

  it("is never one that has no texts", () => {
    for (const value of ["KO", "ko-KR", "toString", "", null, undefined, ["ko"]]) expect(parseLocale(value)).toBeNull();
  });
});
