import "server-only";
import type { IdTokenClaims } from "./id-token";
import { storable } from "./storable";

// Protocol values: they are checked, and mean nothing to anybody afterwards.
const protocolClaims = new Set(["nonce", "at_hash", "c_hash", "s_hash", "sid"]);

/** What a verified ID token says of the person and their sign-in, in a form that a database can keep. */
export function readableClaims(idToken: IdTokenClaims): Record<string, unknown> {
  const entries = Object.entries(idToken).filter(([name]) => !protocolClaims.has(name));
  return storable(Object.fromEntries(entries)) as Record<string, unknown>;
}
