import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures/test";

// What a page of Next without anything of ours loads (16.4.6, bytes of gzip, no polyfills for old browsers).
const framework = 134_900;
const stranger = 8 * 1024;
const signedIn = 18 * 1024;

/** The bytes, compressed, of the scripts that a page loads until nothing is on its way any more. */
async function scriptsOf(page: Page, path: string): Promise<number> {
  const urls = new Set<string>();
  const note = (request: { url(): string; resourceType(): string }) => {
    if (request.resourceType() === "script") urls.add(request.url());
  };
  page.on("request", note);
  await page.goto(path, { waitUntil: "networkidle" });
  page.off("request", note);
  const sizes = [...urls].map(async (url) => gzipSync(await (await page.request.get(url)).body()).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

for (const path of ["/", "/sign-in", "/signed-out"]) {
  test(`a stranger's browser loads few scripts besides the framework's on ${path}`, async ({ page }) => {
    const bytes = await scriptsOf(page, path);
    expect(bytes).toBeGreaterThan(framework / 2);
    expect(bytes - framework).toBeLessThanOrEqual(stranger);
  });
}

for (const path of ["/", "/account", "/account/sessions"]) {
  test(`a signed-in user's browser loads few scripts besides the framework's on ${path}`, async ({
    page,
    sessionFor,
  }) => {
    await sessionFor("minsu");
    const bytes = await scriptsOf(page, path);
    expect(bytes).toBeGreaterThan(framework / 2);
    expect(bytes - framework).toBeLessThanOrEqual(signedIn);
  });
}

test("header and footer stand in a page once, and what may take the page's place does not", async ({
  page,
  sessionFor,
}) => {
  await sessionFor("minsu");
  const html = await (await page.context().request.get("/account")).text();
  // Classes of the header, a path of the footer's switch, and classes of a statement.
  for (const mark of ["min-h-16 w-full", "M16.500 11.800A6.800"]) expect(html.split(mark)).toHaveLength(2);
  expect(html).not.toContain("py-14 sm:py-24");
});
