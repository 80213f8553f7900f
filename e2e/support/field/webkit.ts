import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Builder, By, Capabilities, until, type WebDriver } from "selenium-webdriver";
import { endGroup } from "../../../dev/process/child";
import { findFreePort } from "../../../dev/process/ports";
import { tie } from "../../../dev/process/tied";
import { firstThere, type OtherBrowser, onPath } from "./other-browser";

const waitMs = 60_000;

/** What drives WebKitGTK: its driver, its smallest browser, and a screen for it. */
export interface WebKitPrograms {
  driver: string;
  browser: string;
  screen: string;
}

/** Debian's `webkit2gtk-driver` and `xvfb`; null where either is missing. */
export function findWebKit(): WebKitPrograms | null {
  const [driver, screen] = [onPath("WebKitWebDriver"), onPath("Xvfb")];
  const browser = firstThere(libraryFolders().map((folder) => join(folder, "MiniBrowser")));
  return driver && browser && screen ? { driver, browser, screen } : null;
}

function libraryFolders(): string[] {
  const libraries = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  try {
    return readdirSync(libraries)
      .filter((name) => name.startsWith("webkit2gtk-"))
      .map((name) => join(libraries, name));
  } catch {
    return [];
  }
}

/** Starts WebKitGTK's own small browser on a screen that nobody sees, and drives it over WebDriver. */
export async function openWebKit({ driver: program, browser, screen }: WebKitPrograms): Promise<OtherBrowser> {
  const started: ChildProcess[] = [];
  const start = (...[command, args, options]: Parameters<typeof spawn>) => {
    const child = spawn(command, args, { ...options, detached: true });
    started.unshift(child);
    child.once("exit", tie(child, "SIGKILL", { group: true }));
    return child;
  };
  const close = async () => {
    for (const child of started) await endGroup(child);
  };
  try {
    const display = await displayOf(
      start(screen, ["-displayfd", "3", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] }),
    );
    const port = await findFreePort();
    start(program, [`--port=${port}`], {
      stdio: "ignore",
      // Its sandbox needs what a container does not give, as with Chromium's.
      env: { ...process.env, DISPLAY: display, LANG: "en_GB.UTF-8", WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
    });
    const driver = await connect(port, browser);
    return {
      ...driving(driver),
      close: async () => {
        await driver.quit().catch(() => {});
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The screen says its number when it is there. */
async function displayOf(screen: ChildProcess): Promise<string> {
  const lines = createInterface({ input: screen.stdio[3] as Readable });
  const [number] = await once(lines, "line", { signal: AbortSignal.timeout(waitMs) });
  return `:${number}`;
}

/** The driver listens a moment after it is started. */
async function connect(port: number, browser: string): Promise<WebDriver> {
  const capabilities = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
  });
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    } catch (error) {
      if (Date.now() > deadline || !/ECONNREFUSED/.test(String(error))) throw error;
    }
  }
}

function driving(driver: WebDriver): Omit<OtherBrowser, "close"> {
  const find = (selector: string) => driver.wait(until.elementLocated(By.css(selector)), waitMs);
  return {
    open: (url) => driver.get(url),
    press: async (selector) => (await find(selector)).click(),
    textOf: async (selector) => (await (await find(selector)).getAttribute("textContent")) ?? "",
    address: () => driver.getCurrentUrl(),
    goBack: () => driver.navigate().back(),
    evaluate: (expression) => driver.executeScript(`return (${expression})`),
  };
}
