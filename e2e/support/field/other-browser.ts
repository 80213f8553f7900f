import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A browser of another make than Chromium, with one tab: only what the journey in other-browsers.test.ts does. */
export interface OtherBrowser {
  /** Goes to an address that is typed in; what was open before need not be in its history. */
  open(url: string): Promise<void>;
  /** Presses what a CSS selector finds first, once it is there. */
  press(selector: string): Promise<void>;
  /** The text of what a selector finds first, once it is there. */
  textOf(selector: string): Promise<string>;
  address(): Promise<string>;
  goBack(): Promise<void>;
  /** The value of an expression, or what its promise resolves with. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

/** The first of some files that is there, or null. */
export const firstThere = (files: readonly string[]): string | null => files.find((file) => existsSync(file)) ?? null;

/** A command's path, or null where this machine has none of that name. */
export const onPath = (command: string): string | null =>
  firstThere((process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command)));
