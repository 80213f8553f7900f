import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "@/dev/run/build";
import { checkConfig } from "@/server/settings/check-config";
import sample from "./daemun.config";
import en from "./messages/en.json";
import ko from "./messages/ko.json";
import { sampleUsers } from "./users";

type Catalogue = { [key: string]: string | Catalogue };

/** Each text's key and the placeholders that it fills. */
function shapeOf(catalogue: Catalogue, prefix = ""): string[] {
  return Object.entries(catalogue).flatMap(([key, value]) => {
    if (typeof value !== "string") return shapeOf(value, `${prefix}${key}.`);
    const names = [...value.matchAll(/\{(\w+)(?=\s*[,}])/g)].map(([, name]) => name);
    return value.trim() === "" ? [] : [`${prefix}${key} ${[...new Set(names)].sort()}`];
  });
}

describe("the sample", () => {
  it("says the same in Korean and in English", () => {
    expect(shapeOf(ko).sort()).toEqual(shapeOf(en).sort());
  });

  it("is configured as the server wants it", () => {
    expect(checkConfig(sample)).toEqual([]);
  });

  it.each(["README.md", "README.ko.md"])("%s introduces everybody who lives in the demo", (path) => {
    const logins = ["company", "partner"].flatMap((issuer) => sampleUsers(issuer).map(({ login }) => login));
    const text = readFileSync(join(root, path), "utf8");
    const introduced = [...text.matchAll(/^\| (?:\w+)? ?\| `([a-z]+)` \|/gm)].map(([, login]) => login);
    expect(introduced).toEqual(logins);
  });
});
