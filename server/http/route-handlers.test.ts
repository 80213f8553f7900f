import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRouteHandlers } from "./route-handlers";

const paths = {
  "/api/me/route": "/api/me",
  "/api/services/[service]/[...path]/route": "/api/services/[service]/[...path]",
  "/files/[[...path]]/route": "/files/[[...path]]",
  "/(club)/club/page": "/club",
  "/club/[rule]/page": "/club/[rule]",
  "/club/[rule]/photo/route": "/club/[rule]/photo",
};

it("a path is a route handler's by the manifests of the build, and nobody's where there is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "daemun-build-"));
  const dynamicRoutes = Object.values(paths)
    .filter((path) => path.includes("["))
    .map((page) => ({ page }));
  writeFileSync(join(folder, "app-path-routes-manifest.json"), JSON.stringify(paths));
  writeFileSync(join(folder, "routes-manifest.json"), JSON.stringify({ dynamicRoutes }));
  const isHandled = readRouteHandlers(folder);
  rmSync(folder, { recursive: true });
  const handled = ["/api/me", "/api/services/a/b", "/api/services/a/b/c", "/files", "/files/a/b", "/club/1/photo"];
  const others = [
    "/api",
    "/api/me/x",
    "/api/services/a",
    "/api/services//b",
    "/club",
    "/club/1",
    "/club/1/photo/2",
    "/",
  ];
  expect([...handled, ...others].filter((path) => isHandled?.(path))).toEqual(handled);
  expect(readRouteHandlers(folder)).toBeNull();
});
