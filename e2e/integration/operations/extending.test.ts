import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../../dev/resource-servers/http/answer";
import { openService } from "../../../dev/resource-servers/open-service";
import type { VerifyToken } from "../../../dev/resource-servers/tokens/access-token";
import { invalidToken } from "../../../dev/resource-servers/tokens/bearer";
import { jwtVerifier } from "../../../dev/resource-servers/tokens/jwt-verifier";
import { root } from "../../../dev/run/build";
import { type Block, inDocument, layOut, readBlocks } from "../../support/extension/documented";
import { openExtendedApp } from "../../support/extension/extended-app";
import { reportsResource } from "../../support/extension/resources";
import { HttpBrowser } from "../../support/http-browser";
import { clientId, clientSecret, signedIn, type TestApp } from "../../support/test-app";

// What docs/extending.md tells developers to write, built and run as it stands there.

const guide = readFileSync(join(root, "docs/extending.md"), "utf8");
let app: TestApp;
let reports: Awaited<ReturnType<typeof openReports>>;

/** A resource server for the API that the guide adds. Whose tokens it takes is known once the app stands. */
async function openReports() {
  let verify: VerifyToken = async () => {
    throw invalidToken("Nobody's tokens are known yet.");
  };
  const service = await openService(
    {
      verify: (token) => verify(token),
      routes: [
        {
          method: "GET",
          path: "/figures/:",
          scope: "reports:read",
          handle: ({ token, id }) => json(200, { of: token.sub, day: id, aud: token.aud }),
        },
      ],
      forget: () => {},
    },
    0,
  );
  const trust = (issuers: string[]) => {
    verify = jwtVerifier({ issuers, audience: reportsResource });
  };
  return { ...service, trust };
}

beforeAll(async () => {
  reports = await openReports();
  app = await openExtendedApp({
    SERVICE_REPORTS_URL: reports.url,
    SERVICE_CALENDAR_URL: reports.url,
    SERVICE_CALENDAR_ID: clientId,
    SERVICE_CALENDAR_SECRET: clientSecret,
    SERVICE_CALENDAR_ISSUER: "http://localhost:1",
  });
  reports.trust([app.issuers.company ?? ""]);
}, 300_000);
afterEach(() => reports.control.reset());
afterAll(async () => {
  await app?.close();
  await reports.stop();
});

const navigate = (browser: HttpBrowser, path: string) => browser.request(app.url + path);
const fetched = async (browser: HttpBrowser, path: string, headers: Record<string, string> = {}) => {
  const page = await browser.fetch(app.url + path, { headers });
  return [page.status, JSON.parse(page.body)];
};
const ownCall = { "X-CSRF": "1", "Sec-Fetch-Site": "same-origin" };
const todaysFigures = { of: "haneul", day: "today", aud: [reportsResource] };

describe("the page of the guide", () => {
  it.each(["/reports", "/reports/figures", "/calendar"])("%s sends strangers to sign in and back", async (path) => {
    const page = await navigate(new HttpBrowser(), `${path}?a=1`);
    expect([page.status, page.location]).toEqual([
      307,
      `${app.url}/sign-in?${new URLSearchParams({ returnTo: `${path}?a=1` })}`,
    ]);
  });

  it("is for anybody where a gate says so, and begins a sign-in there", async () => {
    const browser = new HttpBrowser();
    const page = await navigate(browser, "/welcome");
    expect([page.status, browser.cookieNames(app.url)]).toEqual([200, []]);
    // Two providers are set up here: a link leads to the page that lists them.
    expect(page.body).toMatch(/<a href="\/sign-in\?returnTo=%2Freports"[^>]*>See the reports<\/a>/);
    const signed = await navigate(await signedIn(app, { user: "minsu" }), "/welcome");
    expect(signed.body).toContain('name="returnTo" value="/welcome"');
  });

  it("opens for somebody with a role, by their name", async () => {
    const page = await navigate(await signedIn(app, { user: "haneul" }), "/reports");
    expect(page.status).toBe(200);
    expect(page.body).toContain("김하늘");
  });

  it("is the 403 page for somebody without", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    for (const path of ["/reports", "/reports/figures"]) expect((await navigate(browser, path)).status).toBe(403);
    expect(reports.control.journal()).toEqual([]);
  });

  it("shows what the service answers to a token of the new resource", async () => {
    const page = await navigate(await signedIn(app, { user: "haneul" }), "/reports/figures");
    expect(page.status).toBe(200);
    expect(page.body.replaceAll("&quot;", '"')).toContain(JSON.stringify(todaysFigures));
  });

  it("FF-07: leads to where a service is connected that is not, and from there back to the page", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const page = await navigate(browser, "/calendar?week=2");
    const target = new URL(page.location ?? "");
    expect([page.status, target.pathname, target.hash]).toEqual([307, "/account/connections", "#calendar"]);
    const connections = await browser.request(target.href);
    const form = connections.body.split("<form").find((text) => text.includes('action="/api/connect/calendar"'));
    expect(form).toContain('name="returnTo" value="/calendar?week=2"');
  });
});

describe("the route of the guide", () => {
  it.each(["/api/reports", "/api/figures", "/reports/2026"])("%s answers strangers with 401", async (path) => {
    expect(await fetched(new HttpBrowser(), path)).toMatchObject([401, { error: "not_authenticated" }]);
  });

  it("answers whoever is signed in, and takes what comes from our own pages", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    expect(await fetched(browser, "/api/reports")).toEqual([200, { owner: expect.any(String), reports: [] }]);
    const send = (origin: string) =>
      browser.fetch(`${app.url}/api/reports`, { method: "POST", headers: { Origin: origin } });
    expect((await send(app.url)).status).toBe(201);
    expect((await send("https://elsewhere.example")).status).toBe(403);
  });

  it("refuses somebody without the role, in JSON or with a page", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    for (const path of ["/api/figures", "/reports/2026"]) {
      expect(await fetched(browser, path)).toMatchObject([403, { error: "forbidden" }]);
    }
    expect((await navigate(browser, "/reports/2026")).status).toBe(403);
  });

  it("gives somebody with it their file, and what the service answers", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const file = await navigate(browser, "/reports/2026");
    expect([file.status, file.body]).toEqual([
      200,
      expect.stringMatching(/^2026,[\w-]{36},haneul@company\.example\n$/),
    ]);
    expect(await fetched(browser, "/api/figures")).toEqual([200, todaysFigures]);
    await reports.control.refuseConnections();
    expect(await fetched(browser, "/api/figures")).toMatchObject([502, { error: "upstream_unavailable" }]);
  });
});

describe("the proxy, told of the guide's service", () => {
  const path = "/api/services/reports/figures/today";

  it("lets somebody with a role through, with the token of the new resource", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    expect(await fetched(browser, path, ownCall)).toEqual([200, todaysFigures]);
  });

  it("answers strangers with 401, and somebody without the role with 403", async () => {
    expect(await fetched(new HttpBrowser(), path, ownCall)).toMatchObject([401, { error: "not_authenticated" }]);
    const browser = await signedIn(app, { user: "minsu" });
    expect(await fetched(browser, path, ownCall)).toMatchObject([403, { error: "forbidden" }]);
    expect(reports.control.journal()).toEqual([]);
  });
});

describe("the guide itself", () => {
  it("shows each of the first steps in under ten lines", () => {
    const firstSteps = ["resources: [", "services: {", "app/reports/page.tsx", "app/api/reports/route.ts"];
    const nameOf = ({ path, lines }: Block) => (path === "daemun.config.ts" ? (lines[0]?.text ?? "") : path);
    const blocks = readBlocks(guide).filter((block) => firstSteps.includes(nameOf(block)));
    expect(new Set(blocks.map(nameOf))).toEqual(new Set(firstSteps));
    for (const { lines } of blocks) expect(lines.filter(({ text }) => text !== "").length).toBeLessThan(10);
  });

  it("has its line named when a build fails there", () => {
    const blocks = readBlocks("# Guide\n\n```ts\n// daemun.config.ts\nresources: [\n  { wrong: true },\n```\n");
    const files = layOut(blocks, "export default defineConfig({\n  resources: [\n  ],\n});");
    expect(files[0]?.lines.map(({ text }) => text)).toEqual([
      "export default defineConfig({",
      "  resources: [",
      "    { wrong: true },",
      "  ],",
      "});",
    ]);
    for (const complaint of [
      "daemun.config.ts(3,7): error TS2353: Object literal may only specify known properties.",
      "\u001b[96mdaemun.config.ts\u001b[0m:\u001b[93m3\u001b[0m:\u001b[93m7\u001b[0m - error",
      "./daemun.config.ts:3:7\nParsing failed",
    ]) {
      expect(inDocument(complaint, files)).toEqual([6]);
    }
    expect(inDocument("daemun.config.ts(2,1): ours. app/daemun.config.ts(3,7): another.", files)).toEqual([]);
  });
});
