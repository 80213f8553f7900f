import "server-only";
import * as openid from "openid-client";
import { log } from "../http/log";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { authenticationFor } from "./client-authentication";
import { noteNonce } from "./dpop";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { fetchOutbound, type OutboundAnswer } from "./outbound";

/** What `openid-client` is shown of an answer. May throw an OidcError, which then comes out of {@link oidcErrorOf}. */
export type AnswerReader = (answer: OutboundAnswer) => Response | Promise<Response>;

/**
 * `openid-client` for this app at an authorization server, be it a provider's or a service's. Whatever it fetches goes out
 * by our own limits; an answer of 5xx or 429 is an OidcError `provider_unavailable`, with the seconds of `Retry-After`.
 *
 * @param read what it is shown of the other answers; without it, none is expected
 */
export async function openidClientFor(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  read: AnswerReader = () => Response.error(),
): Promise<openid.Configuration> {
  // What it does not say is not there; an empty address is none.
  const said = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== "");
  const client = new openid.Configuration(
    Object.fromEntries(said) as openid.ServerMetadata,
    provider.clientId,
    { [openid.clockTolerance]: env().clockToleranceSeconds },
    await authenticationFor(provider, metadata),
  );
  // Which addresses may be called without https is the outbound fetch's to say.
  openid.allowInsecureRequests(client);
  client[openid.customFetch] = async (address, { method, headers, body }) => {
    const askedAt = Date.now();
    const answer = await fetchOutbound(address, {
      method: method === "POST" ? "POST" : "GET",
      headers,
      ...(body instanceof URLSearchParams || typeof body === "string" ? { body } : {}),
    });
    if (answer.status >= 500 || answer.status === 429) {
      const retryAfterSeconds = retryAfter(answer.headers, askedAt);
      const reason = answer.status === 503 || answer.status === 429 ? "busy" : null;
      throw new OidcError("provider_unavailable", `status_${answer.status}`, { retryAfterSeconds, reason });
    }
    noteNonce(address, answer.headers);
    const shown = await read(answer);
    const nonce = answer.headers.get("dpop-nonce");
    if (nonce !== null && shown.type !== "error") shown.headers.set("dpop-nonce", nonce);
    return shown;
  };
  return client;
}

/** Seconds from now, from either form of the header (RFC 9110, section 10.2.3); null where it says nothing of use. */
function retryAfter(headers: Headers, now: number): number | null {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

// The last two are GitHub's words for them.
const clientFaults: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "incorrect_client_credentials",
  "redirect_uri_mismatch",
]);

/**
 * What became of a request that `openid-client` made, in our words: what our own fetch threw comes wrapped, and what it
 * refuses itself has codes of its own. The server's own error (RFC 6749, section 5.2) is the detail of a `provider_error`,
 * or of a `provider_misconfigured` where it refuses the client.
 *
 * @returns null for a fault that is not the server's
 */
export function oidcErrorOf(error: unknown, { id }: ProviderSettings): OidcError | null {
  for (const known of [error, error instanceof Error ? error.cause : null])
    if (known instanceof OidcError) return known;
  if (error instanceof openid.ResponseBodyError) {
    const { error: cause } = error;
    if (!clientFaults.has(cause)) return new OidcError("provider_error", cause);
    // No person can mend this: the operator has to hear of it.
    log.error("provider.client_refused", { provider: id, cause });
    return new OidcError("provider_misconfigured", cause);
  }
  if (!(error instanceof openid.ClientError)) return null;
  const cause = error.code?.toLowerCase() ?? "unnamed_error";
  return new OidcError(cause.startsWith("oauth_jwt_") ? "id_token_invalid" : "invalid_response", cause);
}
