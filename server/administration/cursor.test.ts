import { expect, it } from "vitest";
import { parseCursor, parseTimeCursor, uuidForm, writeCursor } from "./cursor";

const id = "00000000-0000-4000-8000-000000000001";

it("a list goes on after the row that its address names, whatever that is called", () => {
  for (const key of ["", "이민수", "a~b", '"],["', "=1+1"]) {
    expect(parseCursor(writeCursor({ key, id }))).toEqual({ key, id });
  }
});

it("an address that somebody wrote by hand begins the list, and breaks nothing", () => {
  const raw = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const wrong = [
    undefined,
    "",
    "%%%",
    raw(null),
    raw({}),
    raw(["a"]),
    raw([1, 2]),
    raw(["a\0", id]),
    "x".repeat(9_000),
  ];
  for (const text of wrong) expect(parseCursor(text)).toBeNull();
  expect(parseTimeCursor(writeCursor({ key: "yesterday", id }), uuidForm)).toBeNull();
  expect(parseTimeCursor(writeCursor({ key: "2026-01-01T00:00:00.000Z", id: "1 OR 1=1" }), uuidForm)).toBeNull();
});
