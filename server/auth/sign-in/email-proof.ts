import "server-only";
import { coversAddress } from "../../settings/email-domains";
import type { ProviderSettings } from "../../settings/providers";

type Source = Pick<ProviderSettings, "emailProof" | "assumeEmailVerified" | "oauth2">;

/**
 * Whether a provider has verified the address in `claims`: by its own word, or, where it says nothing of that, because
 * configuration takes it for granted. What it says is not verified is not.
 *
 * @param claims the document that the address is from, so that no other vouches for it
 */
export function isVerified(
  address: string,
  claims: Readonly<Record<string, unknown>>,
  { emailProof, assumeEmailVerified, oauth2 }: Source,
): boolean {
  // Of a list of addresses we have taken one that is verified, and have said so ourselves (server/oidc/oauth2-user.ts).
  const proof = oauth2?.emailsEndpoint === undefined ? emailProof : ({ claim: "email_verified" } as const);
  if (proof === "always") return true;
  const said = proof === "never" ? undefined : claims[proof.claim];
  if (said !== undefined && said !== null) return isYes(said, proof);
  return coversAddress(assumeEmailVerified, address);
}

/** By default only the boolean counts: the text "true" is how some providers say that they do not know. */
function isYes(said: unknown, proof: Source["emailProof"]): boolean {
  if (said === true) return true;
  const orText = typeof proof === "object" && proof.orText === true;
  return orText && (said === "true" || said === "1" || (typeof said === "number" && said !== 0));
}
