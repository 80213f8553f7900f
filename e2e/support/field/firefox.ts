import puppeteer from "puppeteer-core";
import { type OtherBrowser, onPath } from "./other-browser";

/** Where Firefox is: Debian's `firefox-esr`, or another; null where there is none. */
export const findFirefox = (): string | null => onPath("firefox-esr") ?? onPath("firefox");

/** Starts Firefox without a window and drives it over WebDriver BiDi, which it speaks by itself. */
export async function openFirefox(program: string): Promise<OtherBrowser> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: program,
    headless: true,
    extraPrefsFirefox: { "intl.accept_languages": "en-GB" },
  });
  let page = await browser.newPage();
  return {
    // In a new tab: to leave a page whose own redirect is under way, the library does not know how.
    open: async (url) => {
      const left = page;
      page = await browser.newPage();
      await left.close();
      await page.goto(url);
    },
    press: (selector) => page.locator(selector).click(),
    textOf: async (selector) => {
      const found = await page.waitForSelector(selector);
      return (await found?.evaluate((element) => element.textContent)) ?? "";
    },
    address: async () => page.url(),
    goBack: async () => {
      await page.goBack();
    },
    evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
    close: () => browser.close(),
  };
}
