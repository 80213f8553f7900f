import { z } from "zod";

/** What a person has in one organization. Roles decide the permissions (permissions.ts). */
const membershipSchema = z.strictObject({
  id: z.string().min(1).max(100),
  name: z.string().min(1),
  description: z.string().optional(),
  roles: z.array(z.string().min(1)).default([]),
});

/** OpenID Connect Core §5.1 claims that belong to `profile` and are left out when empty. */
const optionalProfileSchema = z.strictObject({
  family_name: z.string().optional(),
  given_name: z.string().optional(),
  middle_name: z.string().optional(),
  nickname: z.string().optional(),
  preferred_username: z.string().optional(),
  profile: z.string().optional(),
  website: z.string().optional(),
  gender: z.string().optional(),
  birthdate: z.string().optional(),
  zoneinfo: z.string().optional(),
  locale: z.string().optional(),
});

/** One person of an issuer. Everything but `sub` and `login` may be absent, as in real life. */
export const userSchema = z.strictObject({
  sub: z.string().min(1).max(255),
  login: z.string().min(1).max(100),
  password: z.string().min(1).max(200).default("daemun"),
  /** The line below the name on the sign-in page. */
  about: z.strictObject({ en: z.string(), ko: z.string() }).optional(),
  name: z.string().optional(),
  username: z.string().optional(),
  /** `true` is answered with a small PNG that the issuer serves itself; a string is used as it is. */
  picture: z.union([z.literal(true), z.string()]).optional(),
  /** Milliseconds since 1970, not seconds. */
  createdAt: z.number().int().optional(),
  updatedAt: z.number().int().optional(),
  profile: optionalProfileSchema.default({}),
  email: z.string().optional(),
  emailVerified: z.boolean().default(false),
  phoneNumber: z.string().optional(),
  phoneNumberVerified: z.boolean().default(false),
  address: z.record(z.string(), z.string()).optional(),
  roles: z.array(z.string().min(1)).default([]),
  organizations: z.array(membershipSchema).default([]),
  customData: z.record(z.string(), z.unknown()).optional(),
  identities: z.record(z.string(), z.unknown()).optional(),
  ssoIdentities: z.array(z.record(z.string(), z.unknown())).optional(),
});

export type User = z.infer<typeof userSchema>;
/** A person as somebody writes one down: defaults may be left out. */
export type UserInput = z.input<typeof userSchema>;
