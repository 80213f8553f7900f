/**
 * The language of a name that is written in another script than its page, so that it is read out as it is meant (WCAG 2.2, 3.1.2);
 * undefined for one that needs no word about it: of the page's own script, of both, or of neither.
 *
 * @param language of the page
 */
export function foreignLanguage(text: string, language: string): "ko" | "en" | undefined {
  const hasHangul = /\p{Script=Hangul}/u.test(text);
  if (language !== "ko") return hasHangul ? "ko" : undefined;
  return !hasHangul && /\p{Script=Latin}/u.test(text) ? "en" : undefined;
}
