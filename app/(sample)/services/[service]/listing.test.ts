import { describe, expect, it } from "vitest";
import { codeOf, parseOrder, toListing } from "./listing";

const order = { id: "1", item: "Rice", quantity: 2, placedAt: "2026-11-21T10:00:00.000Z" };

describe("what a service answered", () => {
  it("is a list where every item reads as one, and nothing more of it is kept", () => {
    const body = { orders: [{ ...order, secret: "x" }] };
    expect(toListing(body, "orders", parseOrder)).toEqual({ kind: "list", items: [order] });
    expect(toListing({ orders: [] }, "orders", parseOrder)).toEqual({ kind: "list", items: [] });
  });

  it.each([
    ["no body", null],
    ["another list", { items: [order] }],
    ["no list", { orders: order }],
    ["an item that lacks something", { orders: [order, { id: "2" }] }],
    ["a time that is none", { orders: [{ ...order, placedAt: "soon" }] }],
  ])("is no list: %s", (_, body) => {
    expect(toListing(body, "orders", parseOrder)).toEqual({ kind: "failed", code: "upstream_unavailable" });
  });

  it.each([
    [502, "upstream_unavailable", "upstream_unavailable"],
    [503, "provider_unavailable", "provider_unavailable"],
    [401, "invalid_token", "reauthentication_required"],
    [403, "insufficient_scope", "forbidden"],
    [422, "invalid_input", "invalid_request"],
    [504, undefined, "upstream_timeout"],
    [302, undefined, "upstream_unavailable"],
    [403, "toString", "forbidden"],
  ] as const)("with status %i and error %s is told as %s", (status, error, code) => {
    expect(codeOf(status, error)).toBe(code);
  });
});
