import { type ErrorCode, isErrorCode } from "@/edge/error-codes";
import { codeOf, type Place } from "./listing";

export type Answer =
  | { kind: "ok"; body: unknown }
  /** `isOurs`: the app said so, and not the service. */
  | { kind: "failed"; code: ErrorCode; status: number; isOurs: boolean };

interface Call {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
}

/** Calls a service from the browser, through the app, which adds what proves who is asking. Never throws. */
export async function callProxy(
  { service, organization }: Place,
  path: string,
  { method = "GET", body }: Call = {},
): Promise<Answer> {
  try {
    const response = await fetch(`/api/services/${service}${path}`, {
      method,
      cache: "no-store",
      headers: {
        "X-CSRF": "1",
        ...(organization !== undefined && { "X-Organization": organization }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const said: unknown = await response.json().catch(() => null);
    if (response.ok) return { kind: "ok", body: said };
    const { status } = response;
    const error = typeof said === "object" && said !== null && "error" in said ? said.error : undefined;
    return { kind: "failed", code: codeOf(status, error), status, isOurs: isErrorCode(error) };
  } catch {
    // The app itself did not answer.
    return { kind: "failed", code: "database_unavailable", status: 0, isOurs: true };
  }
}
