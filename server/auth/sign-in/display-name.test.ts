import { expect, it } from "vitest";
import { displayName } from "./display-name";

it.each<[string, Record<string, string>, string | null]>([
  ["name", { name: "Minsu", nickname: "m" }, "Minsu"],
  ["given and family name", { given_name: "Ada", family_name: "Lovelace", nickname: "ada" }, "Ada Lovelace"],
  ["both in Korean", { given_name: "하늘", family_name: "김" }, "김하늘"],
  ["one in Korean", { given_name: "Haneul", family_name: "김" }, "Haneul 김"],
  ["a given name alone", { given_name: "하늘" }, "하늘"],
  ["a nickname before a family name alone", { family_name: "김", nickname: "하늘이" }, "하늘이"],
  ["preferred_username", { preferred_username: "minsu", username: "m2" }, "minsu"],
  ["username", { username: "m2" }, "m2"],
  ["nothing", {}, null],
  ["what a zero-width name hides", { name: "\u200b\u2060", nickname: "Minsu" }, "Minsu"],
  ["what a Hangul filler hides", { name: "\u3164", nickname: "\u2800\u00ad", username: "m2" }, "m2"],
  ["a name with a joiner in it", { name: "👩‍💻" }, "👩‍💻"],
])("FF-48: a user is called by %s", (_, claims, name) => {
  expect(displayName((claim) => claims[claim] ?? null)).toBe(name);
});
