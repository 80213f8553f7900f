import { expect, it } from "vitest";
import { csvLine } from "./csv";

it("what a user agent says is no formula in an administrator's spreadsheet", () => {
  for (const text of [
    '=HYPERLINK("http://evil.example")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "|calc",
    "%0A",
  ]) {
    expect(csvLine([text])).toMatch(/^"?'/);
  }
});

it("commas, quotes and lines stay in their cell", () => {
  expect(csvLine(["plain", null, 'a "b"', "c,d", "e\nf"])).toBe('plain,,"a ""b""","c,d","e\nf"\r\n');
});
