import type { ErrorCode } from "@/auth";

/** What somebody sent that was not taken: why, and what was in the form. */
export interface Entry {
  code: ErrorCode;
  values: Readonly<Record<string, string>>;
}
