import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningApp, startApp } from "../../dev/app";
import { root } from "../../dev/build";
import { findFreePort } from "../../dev/ports";
import { type House, openHouse, signedIn } from "./house";
import { HttpBrowser } from "./http-browser";
import { own } from "./proxied";

let house: House;
let ungated: RunningApp;
// Below the repository, so that the build finds its packages; in a folder that git does not look into.
mkdirSync(join(root, ".data"), { recursive: true });
const folder = mkdtempSync(join(root, ".data", "without-middleware-"));

beforeAll(async () => {
  house = await openHouse();
  for (const name of ["package.json", "next.config.mjs", "ui", "public"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  cpSync(join(root, ".next"), join(folder, ".next"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.startsWith(join(root, ".next", "cache")) && !path.startsWith(join(root, ".next", "dev")),
  });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  // The same build as without middleware.ts: Next asks this file whether there is any.
  const none = { version: 3, middleware: {}, functions: {}, sortedMiddleware: [] };
  writeFileSync(join(folder, ".next/server/middleware-manifest.json"), JSON.stringify(none));
  const port = await findFreePort();
  ungated = await startApp({ env: { ...house.environment, PORT: String(port) }, port, directory: folder });
});
afterAll(async () => {
  await ungated?.stop();
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("MW-04: without the middleware pages and handlers still refuse a stranger, a revoked session, and a missing role", async () => {
  const stranger = new HttpBrowser();
  const page = await stranger.request(`${ungated.url}/account`);
  // The gate's own header is missing: this answer is the page's.
  expect(page.headers.get("content-security-policy")).toBeNull();
  expect(page.status).toBe(307);
  expect(page.location).toBe(`${ungated.url}/sign-in?returnTo=%2Faccount`);
  for (const path of [
    "/account",
    "/api/me",
    "/api/denied",
    "/api/services/shopping/orders",
    "/account.rsc",
    "/account?_rsc=x",
  ]) {
    for (const headers of [{}, { RSC: "1" }, { "x-middleware-subrequest": "middleware" }] as Record<string, string>[]) {
      const answered = await stranger.fetch(ungated.url + path, { headers });
      expect(answered.body, path).not.toMatch(/minsu|org_hanok/);
    }
  }
  expect((await stranger.fetch(`${ungated.url}/api/me`)).status).toBe(401);
  expect((await stranger.fetch(`${ungated.url}/api/denied`)).status).toBe(401);
  const orders = `${ungated.url}/api/services/shopping/orders`;
  expect((await stranger.fetch(orders, { headers: own })).status).toBe(401);

  const browser = await signedIn(house);
  expect((await browser.request(`${ungated.url}/account`)).body).toContain("minsu");
  expect((await browser.fetch(orders, { headers: own })).status).toBe(200);
  await house.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked'`);
  const refused = await browser.request(`${ungated.url}/account`);
  expect(refused.status).toBe(307);
  expect(refused.body).not.toContain("minsu");
  expect((await browser.fetch(`${ungated.url}/api/me`)).status).toBe(401);
  expect((await browser.fetch(orders, { headers: own })).status).toBe(401);
  expect(house.services.shopping.control.journal()).toHaveLength(1);
});
