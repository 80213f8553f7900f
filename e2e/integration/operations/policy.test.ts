import { afterAll, beforeAll, expect, it } from "vitest";
import { openExtendedApp } from "../../support/extension/extended-app";
import { signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
}, 240_000);
afterAll(() => app?.close());

it("FF-71: a developer's page has what configuration adds to the policy, may style itself, and has violations reported", async () => {
  const browser = await signedIn(app);
  const page = await browser.request(`${app.url}/gallery`);
  expect(page.status).toBe(200);
  expect(page.body).toContain('style="display:grid;gap:1rem"');
  expect(page.body).toMatch(/<img[^>]+style="color:transparent"/);
  const policy = new Map(
    (page.headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  expect(policy.get("style-src-attr")).toBe("'unsafe-inline'");
  expect(policy.get("script-src")).toMatch(/^'self' 'nonce-[\w-]+' 'strict-dynamic'$/);
  expect(policy.get("style-src")).toMatch(/^'self' 'nonce-[\w-]+'$/);
  expect([policy.get("frame-src"), policy.get("report-to"), policy.get("report-uri")]).toEqual([
    "'self' https://*.video.example",
    "csp",
    "/inbox",
  ]);
  expect(page.headers.get("reporting-endpoints")).toBe('csp="/inbox"');
  expect((await browser.request(`${app.url}/nowhere`)).headers.get("reporting-endpoints")).toBe('csp="/inbox"');
});
