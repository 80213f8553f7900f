import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { env } from "../env";
import { isLoopbackHost } from "../loopback";
import { OidcError } from "./errors";
import { plainJson } from "./plain-json";

/** The largest answer that is read, in bytes after decompression. Key sets and userinfo are far smaller. */
const largestAnswer = 512 * 1024;

const deadlines = new AsyncLocalStorage<number>();

/** Bounds everything that `work` fetches, taken together, to `ms` milliseconds from now, or to a deadline around it. */
export function withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T> {
  return deadlines.run(Math.min(Date.now() + ms, deadlines.getStore() ?? Number.POSITIVE_INFINITY), work);
}

/** Runs work that others wait for too, past the deadline of whoever began it. */
export function withoutDeadline<T>(work: () => Promise<T>): Promise<T> {
  return deadlines.exit(work);
}

/** What `shared` gives, if it does so before the caller's own deadline. @throws OidcError `provider_timeout` */
export async function beforeDeadline<T>(shared: Promise<T>, timeoutMs = Number.POSITIVE_INFINITY): Promise<T> {
  const left = Math.min(timeoutMs, (deadlines.getStore() ?? Number.POSITIVE_INFINITY) - Date.now());
  if (left === Number.POSITIVE_INFINITY) return shared;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OidcError("provider_timeout", "deadline")), Math.max(0, left));
  });
  return Promise.race([shared, late]).finally(() => clearTimeout(timer));
}

export interface OutboundInit {
  method?: "GET" | "POST";
  headers?: HeadersInit;
  body?: URLSearchParams | string;
  /** Milliseconds for the whole exchange, body included; the configured limit if absent. */
  timeoutMs?: number;
}

/** An answer whose body was read whole, within the size cap. */
export interface OutboundAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * The one way out for provider traffic: https only (http on loopback where allowed), one deadline over connecting,
 * headers and body, a size cap, and no redirect, so that a client secret goes nowhere but where it was sent.
 *
 * @throws OidcError `provider_misconfigured` (address), `provider_timeout`, `provider_unavailable`, `invalid_response` (size)
 */
export async function fetchOutbound(address: string | URL, init: OutboundInit = {}): Promise<OutboundAnswer> {
  const url = requireOutboundAddress(address);
  const left = (deadlines.getStore() ?? Number.POSITIVE_INFINITY) - Date.now();
  const signal = AbortSignal.timeout(Math.max(0, Math.min(init.timeoutMs ?? env().outboundTimeoutMs, left)));
  let response: Response;
  try {
    response = await fetch(url, {
      method: init.method ?? "GET",
      ...(init.headers && { headers: init.headers }),
      ...(init.body && { body: init.body }),
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      signal,
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new OidcError("provider_misconfigured", "redirect");
    }
    return { status: response.status, headers: response.headers, body: await readCapped(response) };
  } catch (cause) {
    if (cause instanceof OidcError) throw cause;
    if (signal.aborted) throw new OidcError("provider_timeout", "deadline", { cause });
    throw new OidcError("provider_unavailable", "connection", { cause });
  }
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
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(mediaTypeOf(answer)))
    throw new OidcError("invalid_response", "media_type");
  try {
    const value = plainJson(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body)));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new OidcError("invalid_response", "json", { cause });
  }
  throw new OidcError("invalid_response", "json");
}

async function readCapped(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) return new Uint8Array(Buffer.concat(chunks));
    size += value.byteLength;
    if (size > largestAnswer) {
      await reader?.cancel();
      throw new OidcError("invalid_response", "size");
    }
    chunks.push(value);
  }
}
