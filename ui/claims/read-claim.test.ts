import { describe, expect, it } from "vitest";
import { readClaim } from "./read-claim";

describe("a claim is shown", () => {
  it("as a date, whether its provider counts seconds or milliseconds", () => {
    const at = new Date("2024-06-01T00:00:00Z");
    expect(readClaim("iat", 1717200000)).toEqual({ kind: "moment", at, raw: "1717200000" });
    expect(readClaim("updated_at", 1717200000000)).toEqual({ kind: "moment", at, raw: "1717200000000" });
  });

  it("as a plain number where it is no time, or no time that exists", () => {
    expect(readClaim("level", 1717200000)).toEqual({ kind: "text", text: "1717200000" });
    expect(readClaim("exp", 1e300)).toEqual({ kind: "text", text: "1e+300" });
  });

  it.each([null, undefined, "", []])("as empty when it is %j", (value) => {
    expect(readClaim("custom_data", value)).toEqual({ kind: "empty" });
  });

  it("as a list when it is an array of plain values, else as indented JSON", () => {
    expect(readClaim("roles", ["admin", 7])).toEqual({ kind: "list", items: ["admin", "7"] });
    expect(readClaim("x", [{ a: 1 }])).toEqual({ kind: "structure", json: '[\n  {\n    "a": 1\n  }\n]' });
    expect(readClaim("address", { locality: "서울" })).toEqual({
      kind: "structure",
      json: '{\n  "locality": "서울"\n}',
    });
  });

  it("as text, markup and all", () => {
    expect(readClaim("name", "<b>hi</b>")).toEqual({ kind: "text", text: "<b>hi</b>" });
    expect(readClaim("email_verified", "true")).toEqual({ kind: "text", text: "true" });
    expect(readClaim("email_verified", false)).toEqual({ kind: "boolean", value: false });
  });
});
