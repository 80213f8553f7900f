import "server-only";
import { z } from "zod";
import { noteCut } from "../http/note-cut";
import { storable } from "./storable";

const text = z.string();
const texts = z.array(text);
const members = z.record(text, z.unknown());

// OpenID Connect Core 1.0, sections 2 and 5.1, and the scopes that Logto adds. Only a claim with `nullable` may say that
// it was asked for and is empty; providers leave the others out.
const userClaimsSchema = z.looseObject({
  sub: text,
  iss: text.exactOptional(),
  aud: z.union([text, texts]).exactOptional(),
  exp: z.number().exactOptional(),
  iat: z.number().exactOptional(),
  auth_time: z.number().exactOptional(),
  acr: text.exactOptional(),
  amr: texts.exactOptional(),

  // profile
  name: text.nullable().exactOptional(),
  username: text.nullable().exactOptional(),
  picture: text.nullable().exactOptional(),
  created_at: z.number().nullable().exactOptional(),
  updated_at: z.number().nullable().exactOptional(),
  family_name: text.exactOptional(),
  given_name: text.exactOptional(),
  middle_name: text.exactOptional(),
  nickname: text.exactOptional(),
  preferred_username: text.exactOptional(),
  profile: text.exactOptional(),
  website: text.exactOptional(),
  gender: text.exactOptional(),
  birthdate: text.exactOptional(),
  zoneinfo: text.exactOptional(),
  locale: text.exactOptional(),

  // email, phone, address
  email: text.nullable().exactOptional(),
  email_verified: z.boolean().exactOptional(),
  phone_number: text.nullable().exactOptional(),
  phone_number_verified: z.boolean().exactOptional(),
  address: z
    .looseObject({
      formatted: text.exactOptional(),
      street_address: text.exactOptional(),
      locality: text.exactOptional(),
      region: text.exactOptional(),
      postal_code: text.exactOptional(),
      country: text.exactOptional(),
    })
    .exactOptional(),

  // custom_data, identities, roles
  custom_data: members.exactOptional(),
  identities: z.record(text, z.looseObject({ userId: text, details: members.exactOptional() })).exactOptional(),
  sso_identities: z.array(members).exactOptional(),
  roles: texts.exactOptional(),

  // urn:logto:scope:organizations, urn:logto:scope:organization_roles
  organizations: texts.exactOptional(),
  organization_data: z
    .array(z.looseObject({ id: text, name: text, description: text.nullable().exactOptional() }))
    .exactOptional(),
  organization_roles: texts.exactOptional(),
});

/**
 * What a provider says about a person. A claim that is absent was not asked for, or there is none; one that is null was
 * asked for and is empty. Claims that no table knows are there as `unknown`.
 */
export type UserClaims = z.infer<typeof userClaimsSchema>;

/** Characters of JSON that all claims of a person may take, as much as the largest answer of a provider. */
const largestClaims = 512 * 1024;

/**
 * Reads claims that were verified, or that came from userinfo of the right person. Never throws: a claim of another type
 * than its name says is left out, and so are names that reach prototypes, at every depth, and claims past 512 Ki
 * characters of JSON. What is nested deeper than twenty levels is null. A NUL or half a surrogate pair in text is U+FFFD.
 *
 * Source: OpenID Connect Core 1.0, section 5.1.
 * @returns claims whose `sub` is empty, and so is nobody's, where `raw` has none: verified claims always have one
 */
export function parseUserClaims(raw: Record<string, unknown>): UserClaims {
  const claims: Record<string, unknown> = {};
  let left = largestClaims;
  for (const [name, value] of Object.entries(storable(raw) ?? {})) {
    if (value === undefined || !isOfItsType(name, value)) continue;
    const size = JSON.stringify([name, value]).length;
    if (size > left) {
      noteCut(typeof raw.iss === "string" ? raw.iss : "userinfo", "claims", {
        kept: largestClaims - left,
        of: largestClaims - left + size,
      });
      continue;
    }
    left -= size;
    claims[name] = value;
  }
  return { ...claims, sub: typeof claims.sub === "string" ? claims.sub : "" };
}

/** Whether a claim is of the kind that its name says; one that no table knows may be of any. */
export function isOfItsType(name: string, value: unknown): boolean {
  const { shape } = userClaimsSchema;
  return !Object.hasOwn(shape, name) || shape[name as keyof typeof shape].safeParse(value).success;
}

/**
 * Whether the person belongs to an organization, by the claim `organizations`. False without the scope
 * `urn:logto:scope:organizations`.
 *
 * @param organization its id
 */
export function isMemberOf(claims: UserClaims, organization: string): boolean {
  return claims.organizations?.includes(organization) ?? false;
}

/**
 * The names of the roles that the person has in an organization, by the claim `organization_roles`, whose entries are
 * `<organization id>:<role name>`. An id has no colon, a name may have some. Empty without the scope
 * `urn:logto:scope:organization_roles`.
 *
 * @param organization its id
 */
export function rolesIn(claims: UserClaims, organization: string): string[] {
  if (organization === "" || organization.includes(":")) return [];
  const prefix = `${organization}:`;
  const entries = (claims.organization_roles ?? []).filter((entry) => entry.startsWith(prefix));
  return [...new Set(entries.map((entry) => entry.slice(prefix.length)))].filter((role) => role !== "");
}

// 10^11 s lies in the year 5138, 10^11 ms in 1973.
const firstMillisecond = 1e11;

/**
 * The moment that a claim names (`created_at`, `updated_at`, `auth_time`): the standards count seconds since 1970, some
 * providers milliseconds, and both are understood. An invalid Date for a number that is no moment.
 */
export function timeOfClaim(value: number): Date {
  return new Date(Math.abs(value) >= firstMillisecond ? value : value * 1000);
}
