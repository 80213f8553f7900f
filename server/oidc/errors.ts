import "server-only";

const messages = {
  provider_error: "The provider refused the request.",
  provider_unavailable: "The provider could not be reached.",
  provider_timeout: "The provider did not answer in time.",
  provider_misconfigured: "The provider's metadata or this client's registration is wrong.",
  invalid_response: "The provider's answer was not what the protocol asks for.",
  invalid_request: "What the provider sent is not what the protocol lets it send.",
  issuer_mismatch: "The answer names another issuer.",
  id_token_invalid: "The ID token did not pass verification.",
  identity_mismatch: "The provider named another user than before.",
  clock_skew: "The provider's clock and ours disagree.",
} as const;

export type OidcErrorCode = keyof typeof messages;

/** What a caller has to tell apart within one code. */
export type OidcErrorReason =
  /** Userinfo does not take this access token (RFC 6750, section 3.1). */
  | "token_refused"
  /** A verified token names another issuer. */
  | "other_issuer"
  /** Nothing was sent: no connection came about. */
  | "not_connected"
  /** It answered that it is not working on requests now (429, 503). */
  | "busy";

/** A protocol failure. `detail` is a short word for the log and the audit row (`signature`, `invalid_grant`), never a value. */
export class OidcError extends Error {
  override readonly name = "OidcError";
  /** When the provider wants to be asked again, in seconds from then, if it said so. */
  readonly retryAfterSeconds: number | null;
  /** Null where the code says all. */
  readonly reason: OidcErrorReason | null;
  constructor(
    readonly code: OidcErrorCode,
    readonly detail: string,
    {
      retryAfterSeconds = null,
      reason = null,
      ...options
    }: ErrorOptions & { retryAfterSeconds?: number | null; reason?: OidcErrorReason | null } = {},
  ) {
    super(`${messages[code]} (${detail})`, options);
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason;
  }
}
