import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { type Deadline, deadlineIn, earlier, onDeadline, wallDeadlineIn } from "../http/deadline";
import { type BoundedAnswer, FetchFault, fetchBounded } from "../http/fetch-bounded";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { isLoopbackHost } from "../settings/loopback";
import { traced } from "../telemetry/spans";
import { OidcError } from "./errors";
import { plainJson } from "./plain-json";

/** The largest answer that is read, in bytes after decompression. Key sets and userinfo are far smaller. */
const largestAnswer = 512 * 1024;

const deadlines = new AsyncLocalStorage<Deadline>();

/** Bounds everything that `work` fetches, taken together, to a deadline or milliseconds from now, or to a deadline around it. */
export function withDeadline<T>(limit: Deadline | number, work: () => Promise<T>): Promise<T> {
  const deadline = typeof limit === "number" ? wallDeadlineIn(limit) : limit;
  return deadlines.run(earlier(deadline, deadlines.getStore()), work);
}

/** Runs work that others wait for too, past the deadline of whoever began it. */
export function withoutDeadline<T>(work: () => Promise<T>): Promise<T> {
  return deadlines.exit(work);
}

/** What `shared` gives, if it does so before the caller's own deadline. @throws OidcError `provider_timeout` */
export async function beforeDeadline<T>(shared: Promise<T>, timeoutMs?: number): Promise<T> {
  const around = deadlines.getStore();
  const deadline = timeoutMs === undefined ? around : earlier(wallDeadlineIn(timeoutMs), around);
  if (!deadline) return shared;
  let callOff = () => {};
  const late = new Promise<never>((_, reject) => {
    callOff = onDeadline(deadline, () => reject(new OidcError("provider_timeout", "deadline")));
  });
  return Promise.race([shared, late]).finally(callOff);
}

export interface OutboundInit {
  method?: "GET" | "POST";
  headers?: HeadersInit;
  body?: URLSearchParams | string;
  /** Milliseconds for the whole exchange, body included; the configured limit if absent. */
  timeoutMs?: number;
  /** Whether a redirect is an answer too. It is not followed in any case. */
  takesRedirect?: boolean;
}

/** An answer whose body was read whole, within the size cap. */
export type OutboundAnswer = BoundedAnswer;

/**
 * The one way out for provider traffic: https only (http on loopback where allowed), one deadline over connecting,
 * headers and body, a size cap, and no redirect, so that a client secret goes nowhere but where it was sent.
 *
 * @throws OidcError `provider_misconfigured` (address), `provider_timeout`, `provider_unavailable`, `invalid_response` (size)
 */
export async function fetchOutbound(address: string | URL, init: OutboundInit = {}): Promise<OutboundAnswer> {
  const url = requireOutboundAddress(address);
  const facts = { "server.address": url.host, "http.request.method": init.method ?? "GET" };
  return traced("daemun.outbound", facts, async (tell) => {
    const answer = await send(url, init);
    tell({ "http.response.status_code": answer.status });
    return answer;
  });
}

async function send(url: URL, init: OutboundInit): Promise<OutboundAnswer> {
  const deadline = earlier(deadlineIn(init.timeoutMs ?? env().outboundTimeoutMs), deadlines.getStore());
  const isRefused = (status: number) => status >= 300 && status < 400 && !init.takesRedirect;
  try {
    const answer = await fetchBounded(url, {
      method: init.method ?? "GET",
      ...(init.headers && { headers: init.headers }),
      ...(init.body && { body: init.body }),
      deadline,
      mostBytes: (status) => (isRefused(status) ? 0 : largestAnswer),
    });
    if (isRefused(answer.status)) throw new OidcError("provider_misconfigured", "redirect");
    return answer;
  } catch (fault) {
    if (!(fault instanceof FetchFault)) throw fault;
    const { kind, cause } = fault;
    if (kind === "size") throw new OidcError("invalid_response", "size");
    if (kind === "timeout") throw new OidcError("provider_timeout", "deadline", { cause });
    const code = codeOf(cause);
    const detail = isTlsFault(code) ? "tls" : "connection";
    // The page says only that it could not be reached; whether a certificate or a firewall is why, the operator reads here.
    log.warn("provider.no_connection", {
      host: url.host,
      kind: detail,
      code,
      cause: describeError(cause).slice(0, 200),
    });
    throw new OidcError("provider_unavailable", detail, {
      cause,
      reason: noConnection.test(code ?? "") ? "not_connected" : null,
    });
  }
}

const noConnection =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_TLS_.*)$/;

const tlsFaults = ["CERT_", "DEPTH_ZERO_", "SELF_SIGNED_", "UNABLE_TO_", "ERR_TLS_", "ERR_SSL_", "HOSTNAME_", "EPROTO"];

function isTlsFault(code: string | null): boolean {
  return code !== null && tlsFaults.some((beginning) => code.startsWith(beginning));
}

/** The system's own word for why a fetch failed; by some it is known that nothing was sent. */
function codeOf(error: unknown): string | null {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : null;
}

/** @throws OidcError `provider_misconfigured` when the address is not one that may be called */
export function requireOutboundAddress(address: string | URL): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  const allowed =
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && env().allowHttpLoopback && isLoopbackHost(url.hostname));
  if (!url || !allowed || url.username || url.password) throw new OidcError("provider_misconfigured", "address");
  return url;
}

/** The media type of an answer, in lower case and without parameters; empty when it names none. */
export function mediaTypeOf(answer: OutboundAnswer): string {
  return answer.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Parses a JSON object, without members that reach prototypes, at any depth. @throws OidcError `invalid_response` */
export function parseJsonObject(answer: OutboundAnswer): Record<string, unknown> {
  const value = parseJson(answer);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OidcError("invalid_response", "json");
}

/** The same for JSON of any kind. */
export function parseJson(answer: OutboundAnswer): unknown {
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(mediaTypeOf(answer)))
    throw new OidcError("invalid_response", "media_type");
  try {
    return plainJson(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body)));
  } catch (cause) {
    throw new OidcError("invalid_response", "json", { cause });
  }
}
