import type { Dialect } from "./dialect";
import { errors } from "./library";

/** The words in which each dialect refuses a target. */

export function unknownTarget(dialect: Dialect, indicator: string): Error {
  if (dialect === "audience") return new errors.AccessDenied(`Service not found: ${indicator}`);
  if (dialect === "scope") {
    return new errors.CustomOIDCProviderError(
      "invalid_resource",
      `AADSTS500011: The resource principal named ${indicator} was not found.`,
    );
  }
  return new errors.InvalidTarget("the resource is unknown");
}

export function targetNotAuthorized(dialect: Dialect): Error {
  if (dialect === "scope") {
    return new errors.CustomOIDCProviderError(
      "invalid_grant",
      "AADSTS65001: The user or administrator has not consented to use the application.",
    );
  }
  return new errors.InvalidTarget();
}

export function severalTargets(dialect: Dialect): Error {
  if (dialect === "scope") {
    return new errors.InvalidScope(
      "AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource.",
      undefined as never, // the answer names none
    );
  }
  return new errors.InvalidTarget("only a single resource may be named");
}

export function scopesNotGiven(dialect: Dialect, scopes: readonly string[]): Error {
  const code = dialect === "scope" ? "AADSTS70011: " : "";
  return new errors.InvalidScope(`${code}the person was not given a requested scope`, scopes.join(" "));
}

/** What Entra says beside `error` and `error_description`. */
export function withEntraDetails(json: Record<string, unknown>): Record<string, unknown> {
  const code = /^AADSTS(\d+)/.exec(String(json.error_description ?? ""))?.[1];
  if (code === undefined) return json;
  return { ...json, error_codes: [Number(code)], ...(code === "65001" ? { suberror: "consent_required" } : {}) };
}
