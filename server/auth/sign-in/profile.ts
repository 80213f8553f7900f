import "server-only";
import { noteCut } from "../../http/note-cut";
import type { IdTokenClaims } from "../../oidc/id-token";
import { storable } from "../../oidc/storable";
import type { UserInfoClaims } from "../../oidc/user-info";
import { trustsAddress } from "../../sessions/registry/policy";
import { pictureAddress } from "../../settings/picture-address";
import type { ProviderSettings } from "../../settings/providers";
import { displayName } from "./display-name";
import { isVerified } from "./email-proof";

/** An address as a provider says it. */
export interface StatedAddress {
  /** Lower case, so that one mailbox is one address. */
  address: string;
  verified: boolean;
}

/** Who the provider says a person is, as far as the registry keeps it. Whatever is not of the expected form is absent. */
export interface Profile {
  name: string | null;
  image: string | null;
  /** Null too where this provider's addresses do not count. */
  email: StatedAddress | null;
  /** The same whether they count or not: to be shown to the user, and nothing else. */
  stated: StatedAddress | null;
  /** The address as it was given, whether it counts or not: to be shown, and to be relied on for nothing. */
  givenEmail: string | null;
  /** As the provider says them, whether they count or not. */
  roles: string[];
  rolesSource: "id-token" | "userinfo" | null;
}

/**
 * Reads a profile out of verified claims; what userinfo says counts where the ID token is silent, or says something empty or
 * of a wrong kind.
 */
export function profileOf(
  provider: ProviderSettings,
  idToken: IdTokenClaims,
  userInfo: UserInfoClaims | null,
): Profile {
  const { issuer: iss } = provider;
  const documents: Record<string, unknown>[] = [idToken, userInfo ?? {}];
  const words = (name: string) => text(idToken[name]) ?? text(userInfo?.[name]);
  // An address and whether it is verified are taken from one document: mixed, one could vouch for the other.
  const vouching = documents.find(({ email }) => text(email) !== null) ?? {};
  const givenEmail = whole(iss, "email", text(vouching.email), 320);
  const address = givenEmail?.toLowerCase();
  const stated = address?.includes("@") ? { address, verified: isVerified(address, vouching, provider) } : null;
  const name = displayName(words);
  return {
    name: name && shortened(iss, name),
    image: pictureAddress(whole(iss, "picture", words("picture"), 2000)),
    email: stated && trustsAddress(provider.id, stated.address) ? stated : null,
    stated,
    givenEmail,
    roles: idToken.roles ?? userInfo?.roles ?? [],
    rolesSource: idToken.roles ? "id-token" : userInfo?.roles ? "userinfo" : null,
  };
}

function text(value: unknown): string | null {
  const fit = storable(value);
  return typeof fit === "string" && fit.trim() !== "" ? fit.trim() : null;
}

const longestName = 200;

/** A name may be shown shorter than it is. */
function shortened(iss: string, name: string): string {
  if (name.length <= longestName) return name;
  noteCut(iss, "name", { kept: longestName, of: name.length });
  return name.slice(0, longestName).toWellFormed();
}

/** An address that was cut would be another one: what is too long is left out. */
function whole(iss: string, claim: string, value: string | null, longest: number): string | null {
  if (value === null || value.length <= longest) return value;
  noteCut(iss, claim, { kept: 0, of: value.length });
  return null;
}
