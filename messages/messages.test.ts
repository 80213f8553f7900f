import { describe, expect, it } from "vitest";
import { errorStatus } from "@/edge/error-codes";
import en from "./en.json";
import ko from "./ko.json";
import lastResort from "./last-resort.json";

type Catalogue = { [key: string]: string | Catalogue };

function flatten(catalogue: Catalogue, prefix = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (typeof value === "string") texts.set(path, value);
    else for (const [inner, text] of flatten(value, path)) texts.set(inner, text);
  }
  return texts;
}

/** The names of a text's placeholders, each once: `{name}` and `{count, plural, …}`, not the branches inside a plural. */
function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)(?=\s*[,}])/g)].map(([, name]) => name ?? ""))].sort();
}

const texts = { en: flatten(en), ko: flatten(ko) };

describe("the Korean and the English texts", () => {
  it("have the same keys", () => {
    expect([...texts.ko.keys()].sort()).toEqual([...texts.en.keys()].sort());
  });

  it("fill the same placeholders", () => {
    for (const [key, text] of texts.en) {
      expect({ key, placeholders: placeholders(texts.ko.get(key) ?? "") }).toEqual({
        key,
        placeholders: placeholders(text),
      });
    }
  });

  it("are nowhere empty", () => {
    for (const [locale, catalogue] of Object.entries(texts)) {
      const empty = [...catalogue].filter(([, text]) => text.trim() === "").map(([key]) => `${locale}: ${key}`);
      expect(empty).toEqual([]);
    }
  });

  it("say of every error what happened and what to do, and of no unknown one", () => {
    for (const catalogue of [en, ko]) {
      expect(Object.keys(catalogue.errors)).toEqual(Object.keys(errorStatus));
      for (const text of Object.values(catalogue.errors))
        expect(Object.keys(text)).toEqual(["title", "body", "action"]);
    }
  });

  it("are both at hand when the layout itself fails", () => {
    expect(Object.keys(lastResort.ko)).toEqual(Object.keys(lastResort.en));
  });

  it("leave no Korean sentence with a particle that may not fit its name", () => {
    // A Korean particle after a name depends on the name's last sound, which a placeholder hides: {provider}로/으로, 을/를, 은/는, 이/가, 와/과.
    const misfits = [...texts.ko].filter(([, text]) => /\}(?:으?로|을|를|은|는|이|가|과|와|\()(?![가-힣])/.test(text));
    expect(misfits).toEqual([]);
  });
});
