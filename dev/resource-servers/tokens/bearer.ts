import type { AccessToken } from "./access-token";

/** An answer that refuses (RFC 6750 §3): it becomes a challenge and a JSON body. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: 400 | 401 | 403,
    readonly code:
      | "missing_token"
      | "invalid_request"
      | "invalid_token"
      | "insufficient_scope"
      | "invalid_dpop_proof"
      | "use_dpop_nonce",
    message: string,
    /** What would have been enough: a scope, or a nonce. */
    readonly wanted?: string,
  ) {
    super(message);
  }

  /** The value of `WWW-Authenticate`. A request without a token is told no error code (RFC 6750 §3.1). */
  get challenge(): string {
    if (this.code === "missing_token") return 'Bearer realm="service"';
    // RFC 9449 §7.1.
    if (/dpop/.test(this.code)) return `DPoP error="${this.code}", algs="ES256"`;
    const scope = this.wanted === undefined ? "" : `, scope="${this.wanted}"`;
    return `Bearer error="${this.code}", error_description="${this.message}"${scope}`;
  }
}

/** Whether a token is good cannot be found out now: its issuer does not answer. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** 401 `invalid_token`. The message goes into a header: no quotes, no backslashes (RFC 6750 §3). */
export function invalidToken(message: string): Refusal {
  return new Refusal(401, "invalid_token", message.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'"));
}

/** What a request brings along. */
export interface Credential {
  scheme: "bearer" | "dpop";
  token: string;
  /** The header `DPoP` (RFC 9449 §4.1); null where there is none. */
  proof: string | null;
}

/**
 * The token of a request, of the Authorization header alone (RFC 6750 §2.1): one in the query or a form is none.
 *
 * @param rawHeaders names and values in turn, as `IncomingMessage.rawHeaders` has them
 * @throws Refusal when there is none, several, or one that is malformed
 */
export function readCredential(rawHeaders: readonly string[]): Credential {
  const valuesOf = (name: string) =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const [values, proofs] = [valuesOf("authorization"), valuesOf("dpop")];
  if (proofs.length > 1) throw new Refusal(400, "invalid_request", "There are several proofs.");
  if (values.length > 1) throw new Refusal(400, "invalid_request", "There are several Authorization headers.");
  const [scheme, ...rest] = (values[0] ?? "").split(" ");
  const known = (["bearer", "dpop"] as const).find((name) => name === scheme?.toLowerCase());
  if (!known) throw new Refusal(401, "missing_token", "This needs an access token.");
  const token = rest.join(" ");
  // RFC 6750 §2.1, b64token
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new Refusal(400, "invalid_request", "The token is malformed.");
  return { scheme: known, token, proof: proofs[0] ?? null };
}

/** @throws Refusal 403 `insufficient_scope` unless the token has the scope */
export function requireScope(token: AccessToken, scope: string): void {
  if (token.scopes.includes(scope)) return;
  throw new Refusal(403, "insufficient_scope", "The token lacks a scope.", scope);
}
