import "server-only";
import { env } from "../env";
import { isLoopbackHost } from "../loopback";
import type { IdTokenClaims } from "../oidc/id-token";
import { storable } from "../oidc/storable";
import type { UserInfoClaims } from "../oidc/user-info";

/** Who the provider says a person is, as far as the registry keeps it. Whatever is not of the expected form is absent. */
export interface Profile {
  name: string | null;
  image: string | null;
  /** Lower case, so that one mailbox is one address. */
  email: { address: string; verified: boolean } | null;
  roles: string[];
}

/** Reads a profile out of verified claims; what userinfo says counts where the ID token is silent. */
export function profileOf(idToken: IdTokenClaims, userInfo: UserInfoClaims | null): Profile {
  const claim = (name: string) => idToken[name] ?? userInfo?.[name];
  // An address and whether it is verified are taken from one document: mixed, one could vouch for the other.
  const vouching: Record<string, unknown> = idToken.email === undefined ? (userInfo ?? {}) : idToken;
  const address = text(vouching.email, 320)?.toLowerCase();
  return {
    name: text(claim("name"), 200) ?? text(claim("preferred_username"), 200) ?? text(claim("username"), 200),
    image: picture(claim("picture")),
    // Only the boolean counts: the string "true" is how some providers say that they do not know.
    email: address?.includes("@") ? { address, verified: vouching.email_verified === true } : null,
    roles: list(claim("roles")),
  };
}

function text(value: unknown, longest: number): string | null {
  const fit = storable(value);
  return typeof fit === "string" && fit.trim() !== "" ? fit.trim().slice(0, longest).toWellFormed() : null;
}

function picture(value: unknown): string | null {
  const address = text(value, 2000);
  if (!address || !URL.canParse(address)) return null;
  const { protocol, hostname } = new URL(address);
  const isShown =
    protocol === "https:" || (protocol === "http:" && env().allowHttpLoopback && isLoopbackHost(hostname));
  return isShown ? address : null;
}

function list(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.filter((item): item is string => typeof item === "string" && item.length <= 100))].slice(
    0,
    100,
  );
}
