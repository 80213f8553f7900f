import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let ungated: RunningApp;
// Below the repository, so that the build finds its packages; in a folder that git does not look into.
mkdirSync(join(root, ".data"), { recursive: true });
const folder = mkdtempSync(join(root, ".data", "without-middleware-"));

beforeAll(async () => {
  app = await openTestApp();
  for (const name of [
    "package.json",
    "next.config.mjs",
    "edge/security-headers.mjs",
    "edge/body-limits.mjs",
    "cli",
    "ui",
    "public",
  ])
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
  ungated = await startApp({ env: { ...app.environment, PORT: String(port) }, port, directory: folder });
});
afterAll(async () => {
  await ungated?.stop();
  await app?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("MW-04: without the middleware pages and handlers still refuse a stranger, a revoked session, and a missing role", async () => {
  const stranger = new HttpBrowser();
  const page = await stranger.request(`${ungated.url}/account`);
  // The gate's nonce is missing: this answer is the page's.
  expect(page.headers.get("content-security-policy")).not.toContain("nonce-");
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

  const browser = await signedIn(app);
  expect((await browser.request(`${ungated.url}/account`)).body).toContain("minsu");
  expect((await browser.fetch(orders, { headers: own })).status).toBe(200);
  await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked'`);
  const refused = await browser.request(`${ungated.url}/account`);
  expect(refused.status).toBe(307);
  expect(refused.body).not.toContain("minsu");
  expect((await browser.fetch(`${ungated.url}/api/me`)).status).toBe(401);
  expect((await browser.fetch(orders, { headers: own })).status).toBe(401);
  expect(app.services.shopping.control.journal()).toHaveLength(1);
});
