import "server-only";
import type { SealOwner } from "./seal";

const ofGrant = { from: '"Grant" t', userId: 't."userId"', of: 'coalesce(t."sessionId"::text, t.service)' } as const;

/** Where the vault keeps sealed values, and who owns them there. Whoever looks at all of them looks here. */
export const sealedPlaces = [
  { table: "Grant", column: "refreshToken", stored: "sealedRefreshToken", ...ofGrant },
  { table: "Grant", column: "idToken", stored: "sealedIdToken", ...ofGrant },
  { table: "Grant", column: "proofKey", stored: "sealedProofKey", ...ofGrant },
  {
    table: "AccessToken",
    column: "token",
    stored: "sealedToken",
    from: '"AccessToken" t JOIN "Grant" g ON g.id = t."grantId"',
    userId: 'g."userId"',
    of: 'coalesce(g."sessionId"::text, g.service)',
  },
  {
    table: "Revocation",
    column: "refreshToken",
    stored: "sealedToken",
    from: '"Revocation" t',
    userId: 't."userId"',
    of: "t.issuer",
  },
  {
    table: "SigningKey",
    column: "privateKey",
    stored: "sealedPrivateKey",
    from: '"SigningKey" t',
    userId: "NULL::text",
    of: "t.algorithm",
  },
] as const satisfies (Pick<SealOwner, "table" | "column"> & Record<"stored" | "from" | "userId" | "of", string>)[];

export type SealedPlace = (typeof sealedPlaces)[number];
