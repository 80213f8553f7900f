import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { locales } from "./locales";
import { textsOf } from "./texts";

const files: Record<string, unknown> = {
  en: { shell: { signIn: "Sign in", skip: "Skip" }, over: "Over" },
  ko: { shell: { signIn: "로그인", skip: 3 }, over: { text: "끝" }, more: "더" },
};
const read = async (locale: string) => ({ default: files[locale] });

it("what a language does not say, or says in another form, is said in English", async () => {
  expect(await textsOf("ko", read)).toEqual({ shell: { signIn: "로그인", skip: "Skip" }, over: "Over" });
  expect(await textsOf("en", read)).toBe(files.en);
});

it.each(locales)("the language %s has a file of texts", (locale) => {
  expect(existsSync(join(import.meta.dirname, `${locale}.json`))).toBe(true);
});
