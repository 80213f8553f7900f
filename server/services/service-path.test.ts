import { describe, expect, it } from "vitest";
import { serverReadings } from "@/e2e/support/server-readings";
import type { ServiceRoute } from "@/edge/config";
import { findRoute, parseServicePath } from "./service-path";

describe("a path for a service", () => {
  it.each([
    "/orders",
    "/",
    "/orders/1/lines",
    "/orders/",
    "/a%20b/%ED%95%9C",
    "/.well-known/x",
    "/a..b/file.tar.gz",
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
      ["/..", "/.", "/a/...", "/.../a", "/a/..", "/a/./b", "/../a", "/./"],
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
  const routes: ServiceRoute[] = [
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

describe("what servers make of a path", () => {
  // Who serves something outside of /orders/ for it, by default or with a known setting or fault; nobody by the letter.
  it.each([
    ["/orders/..;/admin", "tomcat jetty"],
    ["/orders/..;x=1/admin", "tomcat jetty"],
    ["/orders/..%3b/admin", "tomcat jetty"],
    ["/orders/%2e%2e/admin", "tomcat jetty iis nginx node php"],
    ["/orders/.%2E/admin", "tomcat jetty iis nginx node php"],
    ["/orders/%252e%252e/admin", "jetty iis"],
    ["/orders/%u002e%u002e/admin", "tomcat jetty iis nginx node php"],
    ["/orders/..%2fadmin", "tomcat jetty iis nginx node php"],
    ["/orders/..%252fadmin", "jetty iis"],
    ["/orders/..%5cadmin", "tomcat iis node php"],
    ["/orders/..\\admin", "tomcat iis node php"],
    ["/orders/.../admin", "iis php"],
    ["/orders/..%20/admin", "iis php"],
    ["/orders/..%09/admin", "iis php"],
    ["/orders/..+/admin", "php"],
    ["/orders/..%00/admin", "jetty nginx php"],
    ["/orders/%c0%ae%c0%ae/admin", "tomcat jetty iis nginx node php"],
    ["/orders/..%c0%afadmin", "tomcat jetty iis nginx node php"],
    ["/orders/%EF%BC%8E%EF%BC%8E/admin", "iis php"],
    ["/orders/..%EF%BC%8Fadmin", "iis php"],
    ["/orders/%22%22/admin", "php"],
    ["/orders/..::$DATA/admin", "iis php"],
    ["/orders//../admin", "tomcat jetty iis nginx node php"],
  ])("FF-01: %s goes nowhere, since it is another path to %s", (raw, expected) => {
    const outside = serverReadings(raw).filter(({ path }) => !path?.toLowerCase().startsWith("/orders"));
    expect([...new Set(outside.map(({ server }) => server))].join(" ")).toBe(expected);
    expect(parseServicePath(raw)).toBeNull();
  });

  const routes: ServiceRoute[] = [
    { methods: ["GET"], path: "/orders/admin", roles: ["admin"] },
    { methods: ["GET"], path: "/orders/run.php", roles: ["admin"] },
    { methods: ["GET"], path: "/orders/*" },
    { methods: ["GET"], path: "/files/*", pathParameters: true },
    { methods: ["GET"], path: "/django/" },
  ];

  it.each([
    "/orders/%61dmin",
    "/orders/ADMIN",
    "/orders/admin/",
    "/orders/admin%20",
    "/orders/admin.",
    "/orders/admin+",
    "/orders/admin::$DATA",
    "/orders/%EF%BD%81dmin",
    "/orders/ad%E2%80%8Bmin",
    "/orders/run.php/x",
    "/orders/1;v=2",
    "/orders/admin;v=2",
    "/orders;v=2",
  ])("FF-01: %s is refused, since some server takes it for a route that asks for more, or for none", (path) => {
    expect(parseServicePath(path)).not.toBeNull();
    expect(findRoute(routes, path, "GET")).toEqual({ route: null, allowed: [], isAmbiguous: true });
  });

  it.each([
    "/orders/a%20b",
    "/orders/%ED%95%9C%EA%B8%80",
    "/orders/a@b:c+d,e",
    "/orders/file.tar.gz",
    "/orders/administrator",
    "/orders/100%25",
    "/orders/1/",
    "/orders/c++",
    "/orders/x.php/y",
    "/files/1;v=2/x",
    "/files/1",
    "/django/",
  ])("FF-01: %s goes where it always went", (path) => {
    expect(parseServicePath(path)).toEqual({ path, search: "" });
    expect(findRoute(routes, path, "GET").route).not.toBeNull();
  });
});
