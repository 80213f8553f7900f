import { type ErrorCode, isErrorCode } from "@/edge/error-codes";

/** What a service keeps for somebody, or why that cannot be said. */
export type Listing<T> = { kind: "list"; items: T[] } | { kind: "failed"; code: ErrorCode };

/** Where a browser finds a service, and who is asking: what the pages tell their client components. */
export interface Place {
  service: string;
  /** This page, with its query. */
  address: string;
  /** The id of the provider to sign in with again. */
  provider: string;
  /** On whose behalf, where the service is called for an organization. */
  organization?: string;
}

/**
 * An answer that is no success as an error code of the app.
 *
 * @param error the body's `error`: one of the app's own codes, if the proxy wrote it
 */
export function codeOf(status: number, error?: unknown): ErrorCode {
  if (isErrorCode(error)) return error;
  if (status === 401) return "reauthentication_required";
  if (status === 403) return "forbidden";
  if (status === 504) return "upstream_timeout";
  return status >= 400 && status < 500 ? "invalid_request" : "upstream_unavailable";
}

/** A service's answer as a list. What does not read as what it should be is no answer. */
export function toListing<T>(body: unknown, name: string, parse: (value: unknown) => T | null): Listing<T> {
  const values = isRecord(body) ? body[name] : null;
  const items = Array.isArray(values) ? values.map(parse) : [null];
  return items.every((item) => item !== null)
    ? { kind: "list", items: items as T[] }
    : { kind: "failed", code: "upstream_unavailable" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export interface Order {
  id: string;
  item: string;
  quantity: number;
  placedAt: string;
}

export function parseOrder(value: unknown): Order | null {
  if (!isRecord(value)) return null;
  const { id, item, quantity, placedAt } = value;
  const fits = typeof id === "string" && typeof item === "string" && typeof quantity === "number" && isMoment(placedAt);
  return fits ? { id, item, quantity, placedAt } : null;
}

export interface Stock {
  item: string;
  quantity: number;
}

export function parseStock(value: unknown): Stock | null {
  if (!isRecord(value)) return null;
  const { item, quantity } = value;
  return typeof item === "string" && typeof quantity === "number" ? { item, quantity } : null;
}

export interface Note {
  id: string;
  text: string;
  writtenAt: string;
}

export function parseNote(value: unknown): Note | null {
  if (!isRecord(value)) return null;
  const { id, text, writtenAt } = value;
  return typeof id === "string" && typeof text === "string" && isMoment(writtenAt) ? { id, text, writtenAt } : null;
}

function isMoment(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}
