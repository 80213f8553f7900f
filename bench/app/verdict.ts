import { loadavg } from "node:os";
import type { Verdict } from "./promises";

/**
 * Prints what was promised and how it went.
 *
 * @returns what was missed, for the bench to fail by; nothing where it only reports
 */
export function conclude({ lines, missed }: Verdict, report: boolean): string[] {
  if (lines.length === 0) return [];
  console.log(
    `\nOf what is promised (load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}):`,
  );
  for (const line of lines) console.log(`  ${missed.includes(line) ? "MISSED " : "kept   "} ${line}`);
  return report ? [] : missed;
}
