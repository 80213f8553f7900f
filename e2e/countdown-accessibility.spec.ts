import { expectAccessible } from "./fixtures/accessibility";
import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

for (const { locale, heading, away } of [
  { locale: "en-US", heading: "Are you still there?", away: "We have put this page away" },
  { locale: "ko-KR", heading: "아직 계신가요?", away: "이 페이지를 치워 두었어요" },
]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("axe objects neither to the open dialog nor to the statement that takes the page's place", async ({
      page,
      context,
      house,
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
      await house.rows(
        `UPDATE "Session" SET "idleExpiresAt" = now() + interval '110 seconds' WHERE subject = 'jiwoo' AND "endedAt" IS NULL`,
      );
      // So soon after the last time this does not move the deadline.
      await page.reload();
      const dialog = page.getByRole("alertdialog", { name: heading });
      await expect(dialog).toBeVisible();
      await expectAccessible(page, "the countdown");
      await expect(dialog).toBeVisible();

      await waitForScripts(page);
      await context.setOffline(true);
      await page.evaluate(() => dispatchEvent(new Event("test:sleep")));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(away);
      await expectAccessible(page, "a page put away");
    });
  });
}
