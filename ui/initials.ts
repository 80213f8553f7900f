/**
 * One or two characters that stand for a name: the last two syllables of a Korean given name, whichever side its family name
 * stands on, the first letters of the first and last word elsewhere, nothing for nobody.
 */
export function initialsOf(name: string | null): string {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return "";
  const whole = words.join("");
  if (/^[가-힣]{2,5}$/.test(whole)) return (words.length === 2 && isFamilyLast(words) ? first : whole).slice(-2);
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  // Spread, not charAt: a letter outside the basic plane is two units long.
  return `${[...first][0] ?? ""}${last ? ([...last][0] ?? "") : ""}`.toLocaleUpperCase("en");
}

// Those of two syllables; all others have one, as no given name but a few has.
const longFamilyNames = new Set(["남궁", "독고", "동방", "사공", "서문", "선우", "제갈", "황보"]);

/** Whether a Korean name of two words is in Western order: 하늘 김. */
function isFamilyLast([first = "", last = ""]: readonly string[]): boolean {
  if (first.length === 1 || longFamilyNames.has(first)) return false;
  return last.length === 1 || longFamilyNames.has(last);
}
