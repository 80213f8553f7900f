import { join } from "node:path";
import { root } from "../../dev/run/build";
import { signInOn, waitForScripts } from "../fixtures/steps";
import { test } from "../fixtures/test";
import { pagesToKeep } from "./pages";

const folder = join(root, ".data/screenshots");
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;
// Only pages whose names have this in them, where it is said.
const wanted = process.env.SCREENSHOTS ?? "";

test.describe.configure({ timeout: 600_000 });

for (const locale of ["en", "ko"] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [size, viewport] of Object.entries(sizes)) {
      test(`${locale}, ${colorScheme}, ${size}`, async ({ newDevice, app }) => {
        const devices = new Map<string | null, Awaited<ReturnType<typeof newDevice>>>();
        for (const { name, address, as, prepare } of pagesToKeep.filter((page) => page.name.includes(wanted))) {
          const options = {
            locale: locale === "ko" ? "ko-KR" : "en-US",
            colorScheme,
            viewport,
            timezoneId: "Asia/Seoul",
          };
          const page = devices.get(as) ?? (await newDevice(options));
          if (as && !devices.has(as)) await signInOn(page, as);
          devices.set(as, page);
          await page.goto(address);
          await waitForScripts(page);
          await prepare?.(page, app);
          await page.screenshot({
            path: join(folder, locale, colorScheme, size, `${name}.png`),
            fullPage: true,
            animations: "disabled",
          });
        }
      });
    }
  }
}
