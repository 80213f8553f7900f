import { expect, it } from "vitest";
import { parseJsonObject } from "./outbound";
import { storable } from "./storable";

function parse(body: string | Uint8Array<ArrayBuffer>, contentType = "application/json"): Record<string, unknown> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return parseJsonObject({ status: 200, headers: new Headers({ "Content-Type": contentType }), body: bytes });
}

const hostile = `{"a":1,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},
  "deep":[{"__proto__":{"admin":true},"prototype":1,"kept":[]}]}`;

it("names that reach prototypes are gone from an answer, at every depth, however they were spelled", () => {
  const harmless = { a: 1, deep: [{ kept: [] }] };
  expect(JSON.stringify(parse(hostile))).toBe(JSON.stringify(harmless));
  expect(JSON.stringify(parse('{"\\u005f_proto__":{"admin":true}}'))).toBe("{}");
  // What does harm to them: assigning by name.
  const target: Record<string, unknown> = Object.assign({}, parse(hostile));
  expect(target.admin).toBeUndefined();
  expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
});

it("they are gone from what is stored as well, also when a NUL was hiding them", () => {
  // As a JWT's payload comes: parsed by somebody else.
  const stored = storable(JSON.parse(hostile.replace('"a"', '"__pro\\u0000to__"')));
  expect(JSON.stringify(stored)).toBe(JSON.stringify({ "__pro\ufffdto__": 1, deep: [{ kept: [] }] }));
});

it("text that no database keeps is replaced, so that it becomes nobody else's", () => {
  expect(storable({ "k\0": ["ad\0min", "\ud800x", "하늘 👩‍🚀"] })).toEqual({
    "k\ufffd": ["ad\ufffdmin", "\ufffdx", "하늘 👩‍🚀"],
  });
});

it("nesting without end is cut off, so that nobody runs out of stack who writes it down", () => {
  const answer = parse(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)},"b":1}`);
  expect(JSON.stringify(answer).length).toBeLessThan(100);
  expect(answer.b).toBe(1);
});

it.each(["application/json", "APPLICATION/JSON; charset=utf-8", "application/problem+json"])(
  "an answer may be %s",
  (type) => {
    expect(parse("{}", type)).toEqual({});
  },
);

it.each([
  ["a page", "{}", "text/html", "media_type"],
  ["JSON under another name", "{}", "application/jsonx", "media_type"],
  ["a list", "[]", "application/json", "json"],
  ["null", "null", "application/json", "json"],
  ["nothing", "", "application/json", "json"],
  ["bytes that are no text", new Uint8Array([0x7b, 0xff, 0x7d]), "application/json", "json"],
])("%s is no answer", (_what, body, type, detail) => {
  expect(() => parse(body, type)).toThrow(expect.objectContaining({ code: "invalid_response", detail }));
});
