import { describe, expect, it } from "vitest";
import { words } from "@/dev/provider/pages/words";
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

/** Pictures and private words, which a reader would have to learn first. The Korean ones are phrases: its words are too short. */
const unwanted = {
  en: /\b(?:houses?|doors?|gates?|gatekeepers?|rooms?|(?:come|comes|came|let) in|ways? in|put away|anew|e-mail|whoever|somebody|lately|go on)\b/i,
  ko: /들어[오와온올]|들어가|문 (?:안|밖|하나)|문[이을] (?:열|닫)|문이 없|이 방에|끝내|끝나는 때|끝난 로그인|사용 중인 로그인|로그인 기록|거둘 수|치워|모셔다|허락|화면/,
};

/** What the pages of the development provider say, with a name in each place for one. */
const providerWords = (language: "en" | "ko") =>
  JSON.stringify(words[language], (_, value) => (typeof value === "function" ? value("Daemun") : value));

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

  it.each(["en", "ko"] as const)("speak in plain words: %s", (language) => {
    const everywhere = [
      ...texts[language],
      ...flatten(lastResort[language], "lastResort"),
      ["the development provider", providerWords(language)] as const,
    ];
    // The sample's own texts are about its own things.
    const ours = everywhere.filter(([key]) => !key.startsWith("services."));
    expect(ours.filter(([, text]) => unwanted[language].test(text))).toEqual([]);
  });

  it("leave no Korean sentence with a particle that may not fit its name", () => {
    // A Korean particle after a name depends on the name's last sound, which a placeholder hides: {provider}로/으로, 을/를, 은/는, 이/가, 와/과.
    const misfits = [...texts.ko].filter(([, text]) => /\}(?:으?로|을|를|은|는|이|가|과|와|\()(?![가-힣])/.test(text));
    expect(misfits).toEqual([]);
  });
});
