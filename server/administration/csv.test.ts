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

it("nor where its separator is another, and what is one cell here are several there", () => {
  const texts = [
    ["Mozilla;=1+1", "Mozilla;'=1+1"],
    ["Mozilla; +1;-1;@SUM(A1)", "Mozilla; '+1;'-1;'@SUM(A1)"],
    ["a\t=1", "a\t'=1"],
    ["a|=1", "a|'=1"],
    ["a\r\n=1", "a\r\n'=1"],
    ['a;"=1"', `a;""'=1""`],
  ];
  for (const [text = "", safe] of texts) expect(csvLine([text])).toBe(`"${safe}"\r\n`);
  for (const text of ["Mozilla/5.0 (X11; Linux x86_64)", "a-b=c", "2026-11-29T10:00:00+09:00", "a;b|c"])
    expect(csvLine([text])).toBe(`${text}\r\n`);
});

it("commas, quotes and lines stay in their cell", () => {
  expect(csvLine(["plain", null, 'a "b"', "c,d", "e\nf"])).toBe('plain,,"a ""b""","c,d","e\nf"\r\n');
});
