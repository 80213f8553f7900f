import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

const styleBytes = 12 * 1024;
const paths = ["/", "/sign-in", "/account"];
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

type Shifted = typeof globalThis & { shifts: PerformanceObserver; shifted: number };

/** Adds up how far a page's layout shifts, from its first paint on (Layout Instability). */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifted = globalThis as Shifted;
    shifted.shifted = 0;
    const add = (entries: PerformanceEntry[]) => {
      for (const entry of entries) shifted.shifted += (entry as PerformanceEntry & { value: number }).value;
    };
    shifted.shifts = new PerformanceObserver((list) => add(list.getEntries()));
    shifted.shifts.observe({ type: "layout-shift", buffered: true });
  });
}

/** How far it has shifted, once what was on its way is painted. */
function shiftOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    const shifted = globalThis as Shifted;
    // Entries that the observer has not been given yet.
    const late = shifted.shifts.takeRecords() as (PerformanceEntry & { value: number })[];
    return late.reduce((sum, { value }) => sum + value, shifted.shifted);
  });
}

/** Style sheets and fonts that a page loads until its `load` event, and the fonts that it names to be preloaded. */
async function loadOf(page: Page, path: string) {
  const sheets = new Set<string>();
  const fonts = new Set<string>();
  const note = (request: { url(): string; resourceType(): string }) => {
    const url = request.url();
    if (request.resourceType() === "stylesheet") sheets.add(url);
    if (request.resourceType() === "font") fonts.add(url);
  };
  page.on("request", note);
  const html = (await (await page.goto(path))?.text()) ?? "";
  page.off("request", note);
  const links = html.match(/<link [^>]*>/g) ?? [];
  const named = links
    .filter((link) => link.includes('rel="preload"') && link.includes('as="font"'))
    .map((link) => new URL(link.split('href="')[1]?.split('"')[0] ?? "", page.url()).href);
  // React may write such a link twice, as a hint too; a browser asks for it once.
  const preloaded = new Set(named);
  const bytes = [...sheets].map(async (url) => gzipSync(await (await page.request.get(url)).body()).length);
  return { styles: (await Promise.all(bytes)).reduce((sum, size) => sum + size, 0), fonts, preloaded };
}

/** The fonts that an element's text is painted in, as Chromium says. */
async function fontsOf(page: Page, selector: string): Promise<{ isOwn: boolean; glyphs: number }[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("DOM.enable");
  await devtools.send("CSS.enable");
  const { root } = await devtools.send("DOM.getDocument");
  const { nodeId } = await devtools.send("DOM.querySelector", { nodeId: root.nodeId, selector });
  const { fonts } = await devtools.send("CSS.getPlatformFontsForNode", { nodeId });
  await devtools.detach();
  return fonts.map(({ isCustomFont, glyphCount }) => ({ isOwn: isCustomFont, glyphs: glyphCount }));
}

for (const locale of ["en-US", "ko-KR"]) {
  test.describe(locale, () => {
    test.use({ locale });

    for (const path of paths) {
      test(`${path} in ${locale} loads few styles, and two fonts at most, each named ahead`, async ({
        page,
        sessionFor,
      }) => {
        if (path === "/account") await sessionFor("minsu");
        const { styles, fonts, preloaded } = await loadOf(page, path);
        expect(styles).toBeGreaterThan(1024);
        expect(styles).toBeLessThanOrEqual(styleBytes);
        expect(fonts.size).toBeGreaterThan(0);
        expect(fonts.size).toBeLessThanOrEqual(2);
        expect([...preloaded].sort()).toEqual([...fonts].sort());
      });

      for (const [size, viewport] of Object.entries(sizes)) {
        test(`nothing on ${path} in ${locale} moves on a ${size}, be its fonts early or late`, async ({
          page,
          sessionFor,
        }) => {
          if (path === "/account") await sessionFor("minsu");
          await page.setViewportSize(viewport);
          await watchShifts(page);
          await page.goto(path);
          await waitForScripts(page);
          expect(await shiftOf(page)).toBe(0);
          await page.goto("about:blank");
          // Later than the page's first paint.
          let hasPainted = () => {};
          const painted = new Promise<void>((resolve) => {
            hasPainted = resolve;
          });
          await page.route("**/*.woff2", async (route) => {
            await painted;
            await route.continue();
          });
          const arrived = page.waitForEvent("requestfinished", (request) => request.resourceType() === "font");
          await page.goto(path, { waitUntil: "commit" });
          await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
          hasPainted();
          await arrived;
          await page.waitForLoadState();
          await waitForScripts(page);
          expect(await shiftOf(page)).toBe(0);
        });
      }
    }

    test(`a page in ${locale} is in the app's own font`, async ({ page }) => {
      // A page that is painted before its fonts are here stays in the system's.
      await expect(async () => {
        await page.goto("/sign-in");
        const fonts = await fontsOf(page, "h1");
        expect(fonts.some(({ glyphs }) => glyphs > 0)).toBe(true);
        expect(fonts.every(({ isOwn }) => isOwn)).toBe(true);
      }).toPass();
    });
  });
}

test("a Korean name is in the app's own font on an English page", async ({ page, sessionFor }) => {
  await sessionFor("minsu");
  await expect(async () => {
    await page.goto("/account");
    const fonts = await fontsOf(page, "main h2");
    expect(fonts.some(({ glyphs }) => glyphs > 0)).toBe(true);
    expect(fonts.every(({ isOwn }) => isOwn)).toBe(true);
  }).toPass();
});
