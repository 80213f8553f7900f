import "server-only";
import type { ErrorCode } from "@/edge/error-codes";

/** A call that did not reach a service, or whose answer is nothing to pass on. `code` is the app's own. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  /** Seconds after which another try is worth it, or null. */
  readonly retryAfterSeconds: number | null;
  /** Where the person connects the service, with `service_not_connected`. */
  readonly connectPath: string | null;
  /** A short word for the log and the audit row, never a value. */
  readonly detail: string;
  constructor(
    readonly code: ErrorCode,
    {
      retryAfterSeconds = null,
      connectPath = null,
      detail = code,
      ...options
    }: ErrorOptions & { retryAfterSeconds?: number | null; connectPath?: string | null; detail?: string } = {},
  ) {
    super(`The service was not called: ${code}.`, options);
    this.retryAfterSeconds = retryAfterSeconds;
    this.connectPath = connectPath;
    this.detail = detail;
  }
}
