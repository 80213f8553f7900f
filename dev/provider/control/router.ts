import type { Issuer } from "../issuer";

export interface ControlCall {
  issuer: Issuer;
  /** The named parts of the path, decoded. */
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

export interface ControlRoute {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/issuers/:issuer`, such as `/users/:sub`. */
  path: string;
  handle(call: ControlCall): unknown;
}

/** An answer that is an error on purpose. */
export class ControlError extends Error {
  override readonly name = "ControlError";

  constructor(
    readonly status: 400 | 401 | 404 | 405 | 413,
    readonly code: "invalid_body" | "unauthorized" | "not_found" | "method_not_allowed" | "payload_too_large",
    message: string,
    readonly issues?: unknown,
  ) {
    super(message);
  }
}

/** The parts of a path that a pattern names, or null when it is another path. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}
