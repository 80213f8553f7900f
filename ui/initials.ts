/**
 * One or two characters that stand for a name: the last two syllables of a Korean given name, the first letters of
 * the first and last word elsewhere, nothing for nobody.
 */
export function initialsOf(name: string | null): string {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return "";
  const whole = words.join("");
  if (/^[가-힣]{2,5}$/.test(whole)) return whole.slice(-2);
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  // Spread, not charAt: a letter outside the basic plane is two units long.
  return `${[...first][0] ?? ""}${last ? ([...last][0] ?? "") : ""}`.toLocaleUpperCase("en");
}
