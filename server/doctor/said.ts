import "server-only";
import { fitForLog } from "../http/log";
import { OidcError } from "../oidc/errors";
import { saidForLog } from "../oidc/said";

/** Why something could not be had, in one word: that of the system, where there is one (ECONNREFUSED). */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_0-9]+$/.test(code)) return code;
  }
  return error instanceof OidcError ? error.detail : "unknown";
}

/**
 * What is wrong with a certificate, by the word for why something could not be had; null where that is another matter.
 *
 * Source: Node's "X509 certificate error codes" (node:tls).
 */
export function certificateFault(reason: string): "expired" | "early" | "name" | "authority" | null {
  if (reason === "CERT_HAS_EXPIRED") return "expired";
  if (reason === "CERT_NOT_YET_VALID") return "early";
  if (reason === "ERR_TLS_CERT_ALTNAME_INVALID" || reason === "HOSTNAME_MISMATCH") return "name";
  // A signature that is wrong is that of another authority by the same name.
  const isUnknown =
    /^(?:UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|CERT_SIGNATURE_FAILURE)/;
  return isUnknown.test(reason) ? "authority" : null;
}

/** What a provider said, fit to be shown. */
export function saidBy(value: unknown): string {
  if (typeof value === "string" && URL.canParse(value)) return fitForLog(value).slice(0, 200);
  return saidForLog(value) ?? "?";
}
