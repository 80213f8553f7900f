import { describe, expect, it } from "vitest";
import { findRoute, parseServicePath } from "./service-path";

describe("a path for a service", () => {
  it.each([
    "/orders",
    "/",
    "/orders/1/lines",
    "/orders/",
    "/a%20b/%ED%95%9C",
    "/.well-known/x",
    "/a..b/...",
    "/x:y@z;a=1,2!$&'()*+",
    "/orders?",
    "/orders?a=1&b=%2F..%2F&c=//x&d=[1]?",
  ])("%s goes on to the letter", (target) => {
    const parsed = parseServicePath(target);
    expect(parsed && parsed.path + parsed.search).toBe(target);
  });

  it.each(
    [
      ["", "orders", "?a"],
      ["//x", "/a//b", "//", "/a//"],
      ["/..", "/.", "/a/..", "/a/./b", "/../a", "/./"],
      ["/%2e%2e/a", "/%2E./a", "/a/%2e", "/%252e", "/%25252E%25252e"],
      ["/a%2fb", "/a%2Fb", "/a%5cb", "/a%255Cb", "/a%252525252fb", "/a%00", "/a%2500"],
      ["/a\\b", "\\\\x", "/\\x", "/a\u0000", "/a\r\nb", "/a b", "/a\tb", "/한"],
      ["/a#b", "/a?b#c", "/a|b", "/{a}", "/<a>", '/"a"', "/a^b", "/`a`"],
      ["/%", "/%z", "/%zz", "/a%2", "/a?%", "/a?%zz", "/a?b c", "/a?\u0000", "/a?\\"],
      ["http://x/a", "//x@y/a", "/http://x/a", "@x/a", ":80/a"],
      [`/${"a".repeat(8192)}`, `/a?${"x".repeat(8192)}`],
    ].map((targets) => [targets]),
  )("none of %j goes anywhere", (targets) => {
    expect(targets.filter((target) => parseServicePath(target) !== null)).toEqual([]);
  });
});

describe("the route of a call", () => {
  const routes = [
    { methods: ["GET", "POST"], path: "/orders" },
    { methods: ["GET", "DELETE"], path: "/orders/*", roles: ["admin"] },
  ];

  it("is the first that lists path and method", () => {
    expect(findRoute(routes, "/orders", "GET").route).toBe(routes[0]);
    expect(findRoute(routes, "/orders", "DELETE").route).toBe(routes[1]);
    expect(findRoute(routes, "/orders/1/x", "GET").route).toBe(routes[1]);
    expect(findRoute(routes, "/orders/1", "HEAD").route).toBe(routes[1]);
  });

  it("is none for a method that nobody listed, and says which are", () => {
    expect(findRoute(routes, "/orders", "PUT")).toEqual({ route: null, allowed: ["GET", "POST", "DELETE"] });
    expect(findRoute(routes, "/orders/1", "get")).toEqual({ route: null, allowed: ["GET", "DELETE"] });
  });

  it.each(["/order", "/orders1", "/ORDERS", "/%6frders", "/", "/x/orders"])("is none for %s", (path) => {
    expect(findRoute(routes, path, "GET")).toEqual({ route: null, allowed: [] });
  });
});
