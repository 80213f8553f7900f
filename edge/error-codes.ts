/** Every error code of the app with the HTTP status that a fetch gets. The union is closed: a new code is an ADR. */
export const errorStatus = {
  sign_in_cancelled: 400,
  provider_error: 400,
  provider_unavailable: 503,
  provider_timeout: 504,
  provider_misconfigured: 503,
  refresh_token_missing: 503,
  state_mismatch: 400,
  issuer_mismatch: 400,
  invalid_response: 400,
  id_token_invalid: 400,
  identity_mismatch: 400,
  clock_skew: 400,
  account_not_linked: 403,
  account_disabled: 403,
  sign_in_not_allowed: 403,
  not_authenticated: 401,
  session_idle: 401,
  session_expired: 401,
  session_revoked: 401,
  signed_out_by_provider: 401,
  reauthentication_required: 401,
  step_up_required: 401,
  forbidden: 403,
  last_admin: 409,
  csrf_rejected: 403,
  wrong_address: 403,
  cookies_blocked: 403,
  rate_limited: 429,
  invalid_request: 400,
  payload_too_large: 413,
  page_outdated: 409,
  unknown_provider: 404,
  unknown_resource: 400,
  unknown_organization: 400,
  unknown_service: 404,
  service_not_connected: 409,
  last_sign_in_method: 409,
  identity_in_use: 409,
  upstream_unavailable: 502,
  upstream_timeout: 504,
  database_unavailable: 503,
  overloaded: 503,
  logout_incomplete: 503,
  internal_error: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorStatus;

/** Whether `value` is one of the app's error codes. Own keys only, so that `toString` is none. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorStatus, value);
}

/** What a body for programs says in place of a page's text, at the edge and behind it alike: no reader of it is on a page. */
export const programMessages: Readonly<Partial<Record<ErrorCode, string>>> = {
  not_authenticated: "Sign in to use this.",
  invalid_request: "Something in it was missing, repeated or not understood. Nothing was changed.",
};
