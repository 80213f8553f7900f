import "server-only";
import type { IncomingMessage } from "node:http";
import { listed } from "./client-address";

/** The headers of a host that say where a client is. It sets them on every request, whatever a client sent. */
export interface PlaceHeaders {
  country: string;
  city?: string | undefined;
}

/** Where a client is, roughly: a hint for its user, never a fact. */
export interface ClientPlace {
  /** ISO 3166-1 alpha-2. */
  country: string;
  city: string | null;
}

/** The place that a host's headers name; null where they name none, or as Cloudflare's `T1` no country. */
export function readPlace(request: IncomingMessage, headers: PlaceHeaders): ClientPlace | null {
  const country = listed(request, headers.country).at(-1)?.toUpperCase() ?? "";
  if (!/^[A-Z]{2}$/.test(country) || country === "XX") return null;
  return { country, city: headers.city === undefined ? null : cityOf(listed(request, headers.city).at(-1) ?? "") };
}

/** Vercel writes it URL-encoded. */
function cityOf(written: string): string | null {
  try {
    const city = decodeURIComponent(written).trim();
    return /^[\p{L}\p{M}\p{N} .,'’()-]{1,80}$/u.test(city) ? city : null;
  } catch {
    return null;
  }
}
