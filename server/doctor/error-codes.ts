import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { CheckId } from "./findings";

/**
 * Where to look when users see an error: the checks that find its cause, the likeliest first. None where nothing that is set up
 * is at fault, but what one request or one user did. docs/doctor.md has the same table.
 */
export const checksOfError: Readonly<Record<ErrorCode, readonly CheckId[]>> = {
  sign_in_cancelled: [],
  provider_error: ["provider.request", "provider.client"],
  provider_unavailable: ["provider.discovery", "provider.keys"],
  provider_timeout: ["provider.discovery", "operations.limits"],
  provider_misconfigured: ["provider.discovery", "provider.client", "provider.request"],
  refresh_token_missing: ["provider.refresh-token"],
  state_mismatch: ["request.proxies", "environment.secrets"],
  issuer_mismatch: ["provider.discovery"],
  invalid_response: ["provider.discovery", "provider.request"],
  id_token_invalid: ["provider.keys", "provider.discovery"],
  identity_mismatch: [],
  clock_skew: ["provider.clock", "database.clock"],
  account_not_linked: ["configuration.trust"],
  account_disabled: [],
  sign_in_not_allowed: ["configuration.file", "configuration.trust"],
  not_authenticated: ["request.proxies", "environment.secrets"],
  session_idle: [],
  session_expired: [],
  session_revoked: [],
  signed_out_by_provider: ["provider.sign-out"],
  reauthentication_required: ["provider.refresh-token", "environment.vault-keys"],
  step_up_required: [],
  forbidden: ["configuration.trust", "provider.claims"],
  last_admin: ["configuration.trust"],
  csrf_rejected: ["request.proxies"],
  wrong_address: ["request.proxies"],
  cookies_blocked: ["request.headers", "request.cookies"],
  rate_limited: ["operations.limits", "request.address"],
  invalid_request: [],
  payload_too_large: [],
  page_outdated: [],
  unknown_provider: ["environment.variables"],
  unknown_resource: ["configuration.file"],
  unknown_organization: ["configuration.file", "configuration.trust"],
  unknown_service: ["environment.variables"],
  service_not_connected: [],
  last_sign_in_method: [],
  identity_in_use: [],
  upstream_unavailable: ["service.reached"],
  upstream_timeout: ["service.reached"],
  database_unavailable: ["database.reached", "database.migrations"],
  overloaded: ["database.indexes", "database.pooling"],
  logout_incomplete: ["database.reached"],
  internal_error: ["database.migrations", "database.indexes", "environment.signing-keys"],
};
