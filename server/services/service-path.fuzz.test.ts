import { describe, expect, it } from "vitest";
import { serverReadings } from "@/e2e/support/server-readings";
import type { ServiceRoute } from "@/edge/config";
import { findRoute, parseServicePath } from "./service-path";

const count = 200_000;
const seed = 0x5eed_f001;

const routes: ServiceRoute[] = [
  { methods: ["GET"], path: "/orders/admin", roles: ["admin"] },
  { methods: ["GET"], path: "/orders/run.php", roles: ["admin"] },
  { methods: ["GET"], path: "/orders/secret/*", roles: ["auditor"] },
  { methods: ["GET"], path: "/orders/*" },
  { methods: ["GET"], path: "/files/*", pathParameters: true },
  { methods: ["GET"], path: "/files/admin/*", roles: ["admin"] },
  { methods: ["GET"], path: "/report" },
];

const names =
  "orders files admin ADMIN secret report run.php 1 file.tar.gz %ED%95%9C a%20b x@y 100%25 v1:do c++ %61dmin".split(
    " ",
  );
const dots =
  ". .. ... .%2e %2e %2e%2e %252e%252e %c0%ae%c0%ae %EF%BC%8E. %E2%80%A5 %E2%80%A6 %u002e%u002e %22%22 ..%E2%80%8B".split(
    " ",
  );
const slashes = "/ / / / / // %2f %2F %5c \\ %252f %255c %c0%af %c1%9c %EF%BC%8F %E2%88%95 %E2%82%A9 /./ /../".split(
  " ",
);
const pads = [
  "",
  "",
  "",
  "",
  "%20",
  "%09",
  "%00",
  "+",
  ";",
  ";a=1",
  "%3b",
  ":",
  "::$DATA",
  ".",
  "%20.",
  "%0d%0a",
  "%ff",
  "%3f",
  "%23",
  "%2500",
  "%c2%a0",
  "%7f",
  "%",
];

/** Mulberry32: the same numbers for the same seed, on every machine. */
function randomFrom(state: number): () => number {
  let current = state;
  return () => {
    current = (current + 0x6d2b79f5) | 0;
    let mixed = Math.imul(current ^ (current >>> 15), 1 | current);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function* generatedPaths(): Generator<string> {
  const random = randomFrom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? "";
  for (let made = 0; made < count; made += 1) {
    let path = `/${random() < 0.8 ? pick(["orders", "files"]) : pick(names)}${random() < 0.2 ? pick(pads) : ""}`;
    const segments = 1 + Math.floor(random() * 3);
    // Every other path is nearly harmless, so that many are let through.
    const evil = made % 2 === 0 ? 0.5 : 0.05;
    for (let at = 0; at < segments; at += 1) {
      const plain = random() > evil;
      const name = random() > evil / 2 ? pick(names) : pick(dots);
      path += `${plain ? "/" : pick(slashes)}${random() < evil / 2 ? pick(pads) : ""}${name}${random() < evil ? pick(pads) : ""}`;
    }
    yield path + (random() < 0.1 ? "/" : "");
  }
}

/** As a server would that matches routes by case or without: the first that names the path. */
function rolesAt(path: string): string | null {
  const asked = path.toLowerCase().replace(/\/$/, "");
  const named = routes.find(({ path: pattern }) =>
    pattern.endsWith("/*") ? `${asked}/`.startsWith(pattern.slice(0, -1)) : asked === pattern,
  );
  return named ? (named.roles ?? []).join() : null;
}

describe("of 200,000 generated paths", () => {
  it("FF-01: none that is let through is to any server what its route does not name", { timeout: 600_000 }, () => {
    const escaped: unknown[] = [];
    let passed = 0;
    for (const raw of generatedPaths()) {
      const parsed = parseServicePath(raw);
      const match = parsed && findRoute(routes, parsed.path, "GET");
      if (!match?.route) continue;
      passed += 1;
      const roles = (match.route.roles ?? []).join();
      for (const { server, path } of serverReadings(raw))
        if (path === null || rolesAt(path) !== roles) escaped.push({ raw, server, path, route: match.route.path });
    }
    expect(escaped.slice(0, 10)).toEqual([]);
    // Else nothing was tested.
    expect(passed).toBeGreaterThan(20_000);
    expect(passed).toBeLessThan(150_000);
  });
});
