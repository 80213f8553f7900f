import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { locales } from "./locales";
import { keptTexts, textsOf } from "./texts";

const files: Record<string, unknown> = {
  en: { shell: { signIn: "Sign in", skip: "Skip" }, over: "Over" },
  ko: { shell: { signIn: "로그인", skip: 3 }, over: { text: "끝" }, more: "더" },
};
const read = async (locale: string) => ({ default: files[locale] });

it("what a language does not say, or says in another form, is said in English", async () => {
  expect(await textsOf("ko", read)).toEqual({ shell: { signIn: "로그인", skip: "Skip" }, over: "Over" });
  expect(await textsOf("en", read)).toBe(files.en);
});

it("a process that serves puts a language together once, and tries again what could not be read", async () => {
  vi.stubEnv("NODE_ENV", "production");
  onTestFinished(() => void vi.unstubAllEnvs());
  let isBroken = true;
  const kept = keptTexts(async (locale) => {
    if (isBroken) throw new Error("A file that could not be read.");
    return read(locale);
  });
  await expect(kept("ko")).rejects.toThrow("could not be read");
  isBroken = false;
  const texts = await kept("ko");
  expect(texts).toEqual(await textsOf("ko", read));
  expect(await kept("ko")).toBe(texts);
});

it.each(locales)("the language %s has a file of texts", (locale) => {
  expect(existsSync(join(import.meta.dirname, `${locale}.json`))).toBe(true);
});
