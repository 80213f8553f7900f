import { pictureUrl } from "./picture";
import type { User } from "./user";

/** Which claims each scope releases: the table that Logto publishes, as oidc-provider configuration. */
export const claimsByScope = {
  // acr, amr and auth_time in every ID token, so that step-up can be tested without asking for them.
  openid: ["sub", "acr", "amr", "auth_time"],
  profile: [
    "name",
    "username",
    "picture",
    "created_at",
    "updated_at",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
  ],
  email: ["email", "email_verified"],
  phone: ["phone_number", "phone_number_verified"],
  address: ["address"],
  custom_data: ["custom_data"],
  identities: ["identities", "sso_identities"],
  roles: ["roles"],
  "urn:logto:scope:organizations": ["organizations", "organization_data"],
  "urn:logto:scope:organization_roles": ["organization_roles"],
} as const satisfies Record<string, readonly string[]>;

/** Claims that only userinfo gives, so that ID tokens stay small. */
const userinfoOnly = ["custom_data", "identities", "sso_identities", "organization_data"];

/**
 * All claims of a person for one use; oidc-provider then keeps those whose scope was granted.
 * A requested name, username, picture, created_at, updated_at, email or phone_number that is empty is `null`;
 * any other empty claim is absent.
 */
export function claimsOf(user: User, use: string, issuer: string): { sub: string; [claim: string]: unknown } {
  const all: Record<string, unknown> = {
    name: user.name ?? null,
    username: user.username ?? null,
    picture: user.picture === true ? pictureUrl(issuer, user.sub) : (user.picture ?? null),
    created_at: user.createdAt ?? null,
    updated_at: user.updatedAt ?? null,
    ...user.profile,
    email: user.email ?? null,
    email_verified: user.email === undefined ? undefined : user.emailVerified,
    phone_number: user.phoneNumber ?? null,
    phone_number_verified: user.phoneNumber === undefined ? undefined : user.phoneNumberVerified,
    address: user.address,
    custom_data: user.customData,
    identities: user.identities,
    sso_identities: user.ssoIdentities,
    roles: unlessEmpty(user.roles),
    organizations: unlessEmpty(user.organizations.map(({ id }) => id)),
    organization_data: unlessEmpty(
      user.organizations.map(({ id, name, description }) => ({ id, name, description: description ?? null })),
    ),
    organization_roles: unlessEmpty(
      user.organizations.flatMap(({ id, roles }) => roles.map((role) => `${id}:${role}`)),
    ),
  };
  const released = Object.entries(all).filter(
    ([claim, value]) => value !== undefined && !(use === "id_token" && userinfoOnly.includes(claim)),
  );
  return { ...Object.fromEntries(released), sub: user.sub };
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
