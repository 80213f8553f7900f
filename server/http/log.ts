import "server-only";
import pino from "pino";
import { currentTraceId } from "../telemetry/spans";
import { getRequestContext } from "./request-context";

// Key names under which a secret could come along. A log line is read by more people than a vault.
const secretKeys = [
  "access_token",
  "refresh_token",
  "id_token",
  "id_token_hint",
  "client_secret",
  "clientSecret",
  "code",
  "code_verifier",
  "state",
  "nonce",
  "password",
  "cookie",
  "authorization",
  "token",
  "secret",
];

// Shapes under which one could come along unnamed: JWS and JWE, bearer credentials, credentials in addresses.
const secretShapes =
  /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}|\bBearer\s+\S+|(?<=:\/\/)[^/@\s:]+:[^/@\s]+(?=@)/gi;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped, with bidirectional overrides.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const longest = 2000;

/** Makes text from elsewhere fit for one log line: no secret by shape, nothing that a terminal would obey, bounded. */
export function fitForLog(text: string): string {
  return text
    .slice(0, 4 * longest)
    .replace(secretShapes, "[redacted]")
    .slice(0, longest)
    .toWellFormed()
    .replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const logger = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: "[redacted]" },
  formatters: { level: (label) => ({ level: label }) },
});

/** Ends all log lines of this process: for a command whose own output is what was asked for. */
export function silenceLog(): void {
  logger.level = "silent";
}

type Value = string | number | boolean | null | undefined;
/** Values are flat, but for the `detail` of an audit row and the row itself: what needs more does not belong in a log. */
export type LogFields = Record<string, Value> | { detail?: unknown; row?: unknown };

function write(level: "info" | "warn" | "error", event: string, fields: LogFields): void {
  const request_id = getRequestContext()?.requestId;
  logger[level]({ event, request_id, trace_id: currentTraceId(), ...(bounded(fields) as object) });
}

function bounded(value: unknown): unknown {
  if (typeof value === "string") return fitForLog(value);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bounded(member)]));
}

/** One JSON line an event. */
export const log = {
  info: (event: string, fields: LogFields = {}) => write("info", event, fields),
  warn: (event: string, fields: LogFields = {}) => write("warn", event, fields),
  error: (event: string, fields: LogFields = {}) => write("error", event, fields),
};

/** What may be said of an exception: its class, its code and its message, made fit; never its properties. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return fitForLog(String(error));
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  const cause = error.cause instanceof Error ? ` <- ${describeError(error.cause)}` : "";
  return fitForLog(`${error.name}${code}: ${error.message}${cause}`);
}
