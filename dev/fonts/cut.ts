import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import subsetFont from "subset-font";
import { root } from "../run/build";
import { rename } from "./rename";

const source = join(root, "node_modules/pretendard/dist");
// OFL-1.1 §3: what was changed may not bear the reserved name.
const reservedName = "Pretendard";
const ownName = "DaemunSans";

/** Below this part of its dynamic subset, Pretendard's Hangul is rarely met: the parts are in order of how often it is written. */
const firstCommonPart = 80;

// What browsers use unasked, and `tabular-nums`.
const features = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "liga", "tnum"];

/**
 * The fonts that ui/theme.css names, cut from Pretendard: the characters that each face's `unicode-range` claims. Of Hangul
 * only what is written often, and what the app in `folder` says.
 *
 * @param folder of an app, with `messages/` and `ui/brand/brand.tsx`
 * @returns files by their name; the same bytes for the same texts
 */
export async function cutFonts(folder: string): Promise<Map<string, Buffer>> {
  const whole = readFileSync(join(source, "public/variable/PretendardVariable.ttf"));
  const original = rename(whole, reservedName, ownName);
  const wanted = new Set([...commonHangul(), ...charactersOf(folder)]);
  const fonts = new Map<string, Buffer>();
  for (const { file, claims } of facesOf(readFileSync(join(root, "ui/theme.css"), "utf8"))) {
    const characters = claims.filter((character) => !isHangul(character) || wanted.has(character));
    const options = { targetFormat: "woff2", keepFeatures: features, noHinting: true } as const;
    // The weights between which the face says that it varies.
    const variationAxes = { wght: { min: 400, max: 700 } };
    fonts.set(file, await subsetFont(original, characters.join(""), { ...options, variationAxes }));
  }
  return fonts;
}

/** The faces in a style sheet that come from a file, with the characters that each is for. */
function facesOf(sheet: string): { file: string; claims: string[] }[] {
  return sheet.split("@font-face").flatMap((rule) => {
    const file = rule.split('url("./fonts/')[1]?.split('"')[0];
    const ranges = rule.split("unicode-range:")[1]?.split(";")[0];
    return file && ranges ? [{ file, claims: charactersIn(ranges) }] : [];
  });
}

/** The characters of a `unicode-range` (CSS Fonts 4 §4.5), whose wildcards are not used. */
function charactersIn(ranges: string): string[] {
  return ranges.split(",").flatMap((range) => {
    const [first = 0, last = first] = range
      .trim()
      .slice(2)
      .split("-")
      .map((code) => Number.parseInt(code, 16));
    return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));
  });
}

function commonHangul(): string[] {
  const sheet = readFileSync(join(source, "web/variable/pretendardvariable-dynamic-subset.css"), "utf8");
  return sheet.split("@font-face").flatMap((rule) => {
    const part = Number.parseInt(rule.split(".subset.")[1] ?? "", 10);
    return part >= firstCommonPart ? charactersIn(rule.split("unicode-range:")[1]?.split(";")[0] ?? "") : [];
  });
}

/** What an app says: its texts, and its name. */
function charactersOf(folder: string): string[] {
  const catalogues = readdirSync(join(folder, "messages")).filter((name) => name.endsWith(".json"));
  const files = [...catalogues.map((name) => join("messages", name)), "ui/brand/brand.tsx"];
  return files.flatMap((path) => [...readFileSync(join(folder, path), "utf8")]);
}

function isHangul(character: string): boolean {
  return character >= "가" && character <= "힣";
}
