import type { Person } from "./person";
import { pictureUrl } from "./picture";

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
export function claimsOf(person: Person, use: string, issuer: string): { sub: string; [claim: string]: unknown } {
  const all: Record<string, unknown> = {
    name: person.name ?? null,
    username: person.username ?? null,
    picture: person.picture === true ? pictureUrl(issuer, person.sub) : (person.picture ?? null),
    created_at: person.createdAt ?? null,
    updated_at: person.updatedAt ?? null,
    ...person.profile,
    email: person.email ?? null,
    email_verified: person.email === undefined ? undefined : person.emailVerified,
    phone_number: person.phoneNumber ?? null,
    phone_number_verified: person.phoneNumber === undefined ? undefined : person.phoneNumberVerified,
    address: person.address,
    custom_data: person.customData,
    identities: person.identities,
    sso_identities: person.ssoIdentities,
    roles: unlessEmpty(person.roles),
    organizations: unlessEmpty(person.organizations.map(({ id }) => id)),
    organization_data: unlessEmpty(
      person.organizations.map(({ id, name, description }) => ({ id, name, description: description ?? null })),
    ),
    organization_roles: unlessEmpty(
      person.organizations.flatMap(({ id, roles }) => roles.map((role) => `${id}:${role}`)),
    ),
  };
  const released = Object.entries(all).filter(
    ([claim, value]) => value !== undefined && !(use === "id_token" && userinfoOnly.includes(claim)),
  );
  return { ...Object.fromEntries(released), sub: person.sub };
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
