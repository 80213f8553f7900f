import { expectAccessible } from "./fixtures/accessibility";
import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, korean } from "./fixtures/texts";

for (const { locale, text } of [
  { locale: "en-US", text: english },
  { locale: "ko-KR", text: korean },
]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("axe objects neither to the open dialog nor to the statement that takes the page's place", async ({
      page,
      context,
      app,
      signIn,
    }) => {
      await context.addInitScript(() => {
        const now = Date.now;
        let slept = 0;
        Date.now = () => now.call(Date) + slept;
        addEventListener("test:sleep", () => {
          slept += 3_600_000;
        });
      });
      await signIn("jiwoo");
      await app.rows(
        `UPDATE "Session" SET "idleExpiresAt" = now() + interval '110 seconds' WHERE subject = 'jiwoo' AND "endedAt" IS NULL`,
      );
      // So soon after the last time this does not move the deadline.
      await page.reload();
      const dialog = page.getByRole("alertdialog", { name: text("sessionWatch.idle.heading") });
      await expect(dialog).toBeVisible();
      await expectAccessible(page, "the countdown");
      await expect(dialog).toBeVisible();

      await waitForScripts(page);
      await context.setOffline(true);
      await page.evaluate(() => dispatchEvent(new Event("test:sleep")));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("sessionWatch.over.unreachable.heading"));
      await expectAccessible(page, "a hidden page");
    });
  });
}
