import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

test("a quiet tab asks no more often than once a minute", async ({ page, context, signIn }) => {
  await context.clock.install();
  const asked: number[] = [];
  await page.exposeFunction("noteRead", (at: number) => asked.push(at));
  await context.addInitScript(() => {
    const ask = window.fetch;
    window.fetch = (input, init) => {
      const note = (globalThis as { noteRead?: (at: number) => void }).noteRead;
      if (input === "/api/session") note?.(performance.now());
      return ask(input, init);
    };
  });
  await signIn("minsu");
  await waitForScripts(page);
  for (let minutes = 0; minutes < 10; minutes += 1) await page.clock.runFor(60_000);
  expect(asked.length).toBeGreaterThanOrEqual(8);
  expect(asked.length).toBeLessThanOrEqual(10);
  for (const [index, at] of asked.slice(1).entries()) expect(at - (asked[index] ?? 0)).toBeGreaterThanOrEqual(60_000);
  await expect(page.getByRole("alertdialog")).toBeHidden();
});
