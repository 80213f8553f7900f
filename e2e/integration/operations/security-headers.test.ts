import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../../../dev/run/build";
import { securityHeaders } from "../../../edge/security-headers.mjs";
import { ask, crawlAddresses, waysToAsk } from "../../support/crawl";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { shareTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let browser: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp();
  browser = await signedIn(app, { user: "haneul" });
});
afterAll(() => app.close());

/** What Next answers by itself: redirects to another spelling, files, the optimizer, and what is nowhere. */
function nextsOwn(): string[] {
  const buildId = readFileSync(join(root, ".next/BUILD_ID"), "utf8").trim();
  const manifest = readFileSync(join(root, ".next/build-manifest.json"), "utf8");
  const file = /"(static\/chunks\/[^"]+\.js)"/.exec(manifest)?.[1] ?? "";
  expect(file).not.toBe("");
  return [
    ...["/account/", "/sign-in/", "/api/me/", "/api/services/shopping/", "/nowhere/", "/api/services/shopping/x/"],
    ...["/api/services", "/api/services/shopping", "/api/services/x", "/api/services/x/y"],
    ...[
      "/favicon.ico",
      "/apple-icon.png",
      "/manifest.webmanifest",
      "/icon.svg",
      "/robots.txt",
      `/_next/${file}`,
      "/_next/static/nowhere.js",
      "/_next/static/",
      "/_next",
      "/_next/nowhere",
    ],
    ...[
      `/_next/data/${buildId}/account.json`,
      "/_next/data/x/account.json",
      "/_next/image",
      "/_next/image?url=%2Ficon.svg&w=64&q=75",
    ],
    ...[
      "/_error",
      "/404",
      "/500",
      "/_not-found",
      "/index",
      "/account.rsc",
      "/account.segments/_tree.segment.rsc",
      "//account",
      "/services/%ff",
    ],
    ...["/healthz", "/readyz", "/account?_rsc=x"],
  ];
}

const { navigation = {}, head = {}, fetch = {}, rsc = {} } = waysToAsk;
const ways = { navigation, head, fetch, rsc, post: { method: "POST" }, delete: { method: "DELETE" } };

function expectSecured(what: string, page: Page): void {
  for (const [name, value] of Object.entries(securityHeaders))
    expect([what, name, page.headers.get(name)]).toEqual([what, name, value]);
  const policy = page.headers.get("content-security-policy") ?? "";
  const isFrame = what.includes("frontchannel-logout");
  if (!isFrame) expect([what, policy]).toEqual([what, expect.stringContaining("frame-ancestors 'none'")]);
  expect([what, policy.split("frame-ancestors").length]).toEqual([what, 2]);
  expect([what, page.headers.get("x-request-id")]).toEqual([what, expect.stringMatching(/^[A-Za-z0-9-]{8,64}$/)]);
}

it("FF-06: every answer carries the security headers, those too that Next gives by itself", {
  timeout: 300_000,
}, async () => {
  const kinds = new Set<number>();
  for (const path of [...crawlAddresses(), ...nextsOwn()]) {
    for (const [way, options] of Object.entries(ways)) {
      for (const who of [browser.clone(), new HttpBrowser()]) {
        for (const answered of await ask(who, app.url + path, options)) {
          const what = `${way} ${path} ${answered.status}`;
          kinds.add(answered.status);
          expectSecured(what, answered);
          const cacheControl = answered.headers.get("cache-control") ?? "";
          if (answered.body.includes("김하늘"))
            expect([what, cacheControl]).toEqual([what, expect.stringContaining("no-store")]);
          if (answered.status >= 400)
            expect([what, cacheControl]).toEqual([what, expect.stringMatching(/no-store|must-revalidate/)]);
        }
      }
    }
  }
  // That it has seen what it is about.
  for (const status of [200, 303, 307, 308, 400, 401, 404, 405]) expect([...kinds]).toContain(status);
});

it("FF-06: a service without a path is answered by the proxy, not by a page", async () => {
  for (const path of ["/api/services/shopping", "/api/services/x"]) {
    const answered = await browser.request(app.url + path);
    expect([path, answered.headers.get("content-type")]).toEqual([path, expect.stringContaining("application/json")]);
    expect(answered.body).not.toContain("김하늘");
    expect((await new HttpBrowser().fetch(app.url + path)).status).toBe(401);
  }
});
