import { signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

test("FF-88: the tab, a phone's home screen and whoever is sent a link have an icon, a name and a title", async ({
  page,
  request,
}) => {
  await page.goto("/sign-in");
  const linked = await page
    .locator('link[rel~="icon"], link[rel="apple-touch-icon"], link[rel="manifest"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  for (const path of ["/favicon.ico", "/icon.svg", "/apple-icon.png", "/manifest.webmanifest"]) {
    expect(
      linked.some((href) => href.startsWith(path)),
      path,
    ).toBe(true);
    expect((await request.get(path)).status(), path).toBe(200);
  }
  const { name, icons } = await (await request.get("/manifest.webmanifest")).json();
  expect(name).toBe("Daemun");
  for (const { src } of icons) expect((await request.get(src)).status(), src).toBe(200);
  await expect(page.locator('meta[property="og:site_name"]')).toHaveAttribute("content", "Daemun");
});

for (const locale of ["en-US", "ko-KR"]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale, viewport: { width: 360, height: 740 } });

    test("FF-86: with text twice as large nothing sticks out of a phone's screen", async ({ page }) => {
      const overflow = async () => {
        await page.evaluate(() => {
          document.documentElement.style.fontSize = "200%";
        });
        return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      };
      await page.goto("/sign-in");
      expect(await overflow()).toBe(0);
      await signInOn(page, "haneul");
      for (const path of ["/account", "/account/sessions", "/sign-out"]) {
        await page.goto(path);
        expect(await overflow(), path).toBe(0);
      }
    });

    test("FF-87: a time is written in one form, before and after the page knows where its reader is", async ({
      page,
    }) => {
      await signInOn(page, "minsu");
      const form = /\d{2}:\d{2} (?:UTC|GMT)/;
      const written = await (await page.request.get("/account/sessions")).text();
      expect(written).not.toMatch(/(?:AM|PM|오전|오후) \d/);
      await page.goto("/account/sessions");
      await expect(page.locator("time").first()).toHaveText(form);
    });
  });
}

test.describe("where the system's colours replace ours", () => {
  test.use({ forcedColors: "active" });

  test("FF-85: the current page of a menu and the button to press have a border", async ({ page }) => {
    await signInOn(page, "haneul", { to: "/account/sessions" });
    const current = page.locator('nav [aria-current="page"]').first();
    await expect(current).toHaveCSS("outline-style", "solid");
    await page.goto("/sign-out");
    await expect(page.locator('form[data-scope="device"] button')).toHaveCSS("border-top-width", "1px");
  });
});
