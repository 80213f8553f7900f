import { signInOn } from "./fixtures/steps";
import { test } from "./fixtures/test";

for (const locale of ["en-US", "ko-KR"])
  for (const [name, viewport, colorScheme] of [
    ["desktop", { width: 1200, height: 900 }, "light"],
    ["phone", { width: 375, height: 800 }, "dark"],
  ] as const)
    test.describe(`${locale} ${name}`, () => {
      test.use({ locale, viewport, colorScheme });
      test("shots", async ({ page }) => {
        const shot = async (path: string, to: string) => {
          await page.goto(path);
          await page.screenshot({ path: `/tmp/preview-shots/${locale}-${name}-${to}.png`, fullPage: true });
        };
        await shot("/sign-in", "sign-in");
        await signInOn(page, "haneul");
        await shot("/sign-out", "sign-out");
        await shot("/account/connections", "connections");
        await shot("/services/notes", "notes");
      });
    });
