import "server-only";
import { fitForLog } from "../http/log";
import { OidcError } from "../oidc/errors";
import { saidForLog } from "../oidc/said";

/** Why something could not be had, in one word: that of the system, where there is one (ECONNREFUSED). */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_0-9]+$/.test(code)) return code;
  }
  return error instanceof OidcError ? error.detail : "unknown";
}

/** What a provider said, fit to be shown. */
export function saidBy(value: unknown): string {
  if (typeof value === "string" && URL.canParse(value)) return fitForLog(value).slice(0, 200);
  return saidForLog(value) ?? "?";
}
