import "server-only";
import { format } from "node:util";
import { log } from "./log";

const levels = { log: "info", info: "info", warn: "warn", error: "error" } as const;

/**
 * What others print (Next, a library, a page's own `console.log`) becomes lines of the log: JSON, one line each, made fit
 * like all others. For production, where a machine reads them.
 */
export function printAsLines(): void {
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, "info" | "warn" | "error"][])
    console[method] = (...said: unknown[]) => log[level]("console", { text: format(...said) });
}
