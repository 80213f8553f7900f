import { describe, expect, it } from "vitest";
import { destinationOf, sourceAddress } from "./links";

const documents = [
  "README.ko.md",
  "README.md",
  "docs/accounts.ko.md",
  "docs/accounts.md",
  "docs/decisions/0001-one.md",
  "docs/providers/apple.ko.md",
  "docs/providers/apple.md",
];
const source = "https://code.example/daemun/blob/HEAD";
const lead = (document: string, target: string, from: string | null = source) =>
  destinationOf(document, target, { documents, source: from });

describe("a link of a document", () => {
  it.each([
    ["docs/accounts.md", "accounts.ko.md#기한", "/ko/docs/accounts.md#기한"],
    ["docs/accounts.ko.md", "../README.md", "/index.md"],
    ["docs/accounts.md", "../README.ko.md", "/ko/index.md"],
    ["docs/accounts.ko.md", "decisions/0001-one.md", "/docs/decisions/0001-one.md"],
    ["docs/accounts.md", "#deletion", "#deletion"],
    ["docs/accounts.md", "https://openid.net", "https://openid.net"],
  ])("of %s to %s leads to %s", (document, target, led) => {
    expect(lead(document, target)).toBe(led);
  });

  it("to a folder of documents leads to its first page, in the same language where there is one", () => {
    expect(lead("README.md", "docs/providers")).toBe("/docs/providers/apple.md");
    expect(lead("README.ko.md", "docs/providers")).toBe("/ko/docs/providers/apple.md");
    expect(lead("README.ko.md", "docs/decisions")).toBe("/docs/decisions/0001-one.md");
  });

  it("to code leads to the repository, and is text where no repository is known", () => {
    expect(lead("docs/accounts.md", "../edge/gate.ts#L3")).toBe(`${source}/edge/gate.ts#L3`);
    expect(lead("docs/accounts.md", "../edge/gate.ts", null)).toBeNull();
  });

  it.each(["nowhere.md", "../edge/nowhere.ts", "../../elsewhere.ts"])(
    "to %s, which is not there, is refused",
    (target) => {
      expect(() => lead("docs/accounts.md", target)).toThrow(`docs/accounts.md: no ${target}`);
    },
  );
});

describe("the address of the repository's files", () => {
  it.each([
    ["github:o/daemun", "https://github.com/o/daemun/blob/HEAD"],
    ["o/daemun", "https://github.com/o/daemun/blob/HEAD"],
    [{ type: "git", url: "git+https://code.example/daemun.git" }, source],
  ])("of %j is %s", (repository, address) => {
    expect(sourceAddress(repository)).toBe(address);
  });

  it.each([undefined, "git@code.example:daemun.git", {}])("of %j is unknown", (repository) => {
    expect(sourceAddress(repository)).toBeNull();
  });
});
