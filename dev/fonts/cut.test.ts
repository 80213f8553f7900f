import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../run/build";
import { cutFonts } from "./cut";
import { rename } from "./rename";

const kept = (name: string) => readFileSync(join(root, "ui/fonts", name));

it("the fonts in ui/fonts are cut to the texts in messages/: else, npm run fonts", async () => {
  const fonts = await cutFonts(root);
  expect([...fonts.keys()].sort()).toEqual(["daemun-sans-hangul.woff2", "daemun-sans-latin.woff2"]);
  for (const [name, content] of fonts)
    expect(content.equals(kept(name)), `${name} as npm run fonts makes it`).toBe(true);
}, 60_000);

it("the fonts' licence lies beside them", () => {
  expect(kept("OFL.txt").toString()).toContain("SIL OPEN FONT LICENSE Version 1.1");
});

it("a cut font does not bear the reserved name, and keeps its copyright", () => {
  const whole = readFileSync(join(root, "node_modules/pretendard/dist/public/variable/PretendardVariable.ttf"));
  const renamed = rename(whole, "Pretendard", "DaemunSans");
  const utf16 = (text: string) => Buffer.from(text, "utf16le").swap16();
  expect(renamed.includes(utf16("PretendardVariable"))).toBe(false);
  expect(renamed.includes(utf16("Pretendard Variable"))).toBe(false);
  expect(renamed.includes(utf16("DaemunSans Variable"))).toBe(true);
  expect(renamed.includes(utf16("Pretendard is a trademark of Kil Hyung-jin"))).toBe(true);
});

it("a font is not renamed to a name of another length, nor without a name to replace", () => {
  const whole = readFileSync(join(root, "node_modules/pretendard/dist/public/variable/PretendardVariable.ttf"));
  expect(() => rename(whole, "Pretendard", "Daemun")).toThrow("not as long");
  expect(() => rename(whole, "NoSuchName", "DaemunSans")).toThrow("no name");
});
