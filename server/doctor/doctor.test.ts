import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorStatus } from "@/edge/error-codes";
import en from "@/messages/en.json";
import { checksOfError } from "./error-codes";
import { checkIds, findings } from "./findings";
import { docsOf } from "./report";

const page = readFileSync(join(import.meta.dirname, "../../docs/doctor.md"), "utf8");
const texts: Record<string, { said: string; cure?: string }> = en.doctor.findings;

describe("the doctor's texts", () => {
  it("say of every finding what it is, and of each that is not good what to do", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(findings).sort());
    for (const [code, [, verdict]] of Object.entries(findings))
      expect(texts[code]?.cure === undefined, code).toBe(verdict === "ok");
  });

  it("have a title for every check, and every check can be good", () => {
    const titled = Object.entries(en.doctor.checks).flatMap(([subject, own]) =>
      Object.keys(own).map((name) => `${subject}.${name}`),
    );
    expect(titled.sort()).toEqual([...checkIds].sort());
    const good = new Set(Object.values(findings).flatMap(([check, verdict]) => (verdict === "ok" ? [check] : [])));
    expect([...good].sort()).toEqual([...checkIds].sort());
  });
});

describe("docs/doctor.md", () => {
  it("has a section for every check, where the report leads, with the codes of what is not good", () => {
    const sections = page.split(/^### /m).slice(1);
    expect(sections.map((text) => /^`([^`]+)`/.exec(text)?.[1])).toEqual([...checkIds]);
    for (const [index, check] of checkIds.entries()) {
      expect(docsOf(check)).toBe(`docs/doctor.md#${check.replaceAll(/[^a-z-]/g, "")}`);
      const listed = [...(sections[index] ?? "").matchAll(/^\| `(\w+)` \| (\w+) \|$/gm)].map(([, code, verdict]) => [
        code,
        verdict,
      ]);
      const own = Object.entries(findings).filter(([, [of, verdict]]) => of === check && verdict !== "ok");
      expect(listed).toEqual(own.map(([code, [, verdict]]) => [code, verdict]));
    }
  });

  it("leads from every error code to its checks, as the page does", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].filter(([, code = ""]) => code in errorStatus);
    const told = rows.map(([, code, list = ""]) => [code, [...list.matchAll(/\[`([^`]+)`\]/g)].map(([, id]) => id)]);
    expect(Object.fromEntries(told)).toEqual(checksOfError);
    expect(Object.keys(checksOfError)).toEqual(Object.keys(errorStatus));
  });
});
