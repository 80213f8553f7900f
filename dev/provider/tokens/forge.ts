import { createHmac, sign } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { z } from "zod";
import type { KeyRing } from "./key-ring";

/**
 * Who signs a token, and how:
 * `issuer` as it should be · `other-key` a stranger's RSA key under the issuer's `kid` · `unknown-kid` the same under a
 * `kid` nobody published · `none` alg none · `hs256` the client secret · `hs256-public-key` the issuer's public key (PEM)
 * as a secret, the classic confusion of algorithms · `es256` a stranger's P-256 key · `broken` the issuer's signature
 * with one bit flipped.
 */
export const signerSchema = z.enum([
  "issuer",
  "other-key",
  "unknown-kid",
  "none",
  "hs256",
  "hs256-public-key",
  "es256",
  "broken",
]);
export type Signer = z.infer<typeof signerSchema>;

/** What to change in a token before it is signed again. A header set to null is left out. */
export const mutationSchema = z.strictObject({
  signWith: signerSchema.default("issuer"),
  header: z.record(z.string(), z.unknown()).default({}),
  setClaims: z.record(z.string(), z.unknown()).default({}),
  removeClaims: z.array(z.string()).default([]),
});
export type Mutation = z.infer<typeof mutationSchema>;

export interface ForgeRequest {
  claims: Record<string, unknown>;
  header?: Record<string, unknown>;
  signWith?: Signer;
  /** Needed for `hs256`. */
  clientSecret?: string | undefined;
}

/** Signs any claims under any header. Nothing is checked: that is what it is for. */
export function forge(
  keys: KeyRing,
  { claims, header = {}, signWith = "issuer", clientSecret = "" }: ForgeRequest,
): string {
  const { alg, kid } = headerOf(keys, signWith);
  const protectedHeader = withoutNulls({ alg, ...(kid ? { kid } : {}), ...header });
  const input = `${encode(protectedHeader)}.${encode(claims)}`;
  return `${input}.${signature(keys, signWith, input, clientSecret).toString("base64url")}`;
}

/** Changes a token that was really issued and signs it again; header fields that are not named stay as they were. */
export function mutateToken(keys: KeyRing, token: string, mutation: Mutation, clientSecret?: string): string {
  const { alg: _alg, kid: _kid, ...original } = decodeProtectedHeader(token);
  const claims: Record<string, unknown> = { ...decodeJwt(token), ...mutation.setClaims };
  for (const claim of mutation.removeClaims) delete claims[claim];
  return forge(keys, {
    claims,
    header: { ...original, ...mutation.header },
    signWith: mutation.signWith,
    clientSecret,
  });
}

/** Moves the times of a token by some seconds and signs it again. */
export function shiftToken(keys: KeyRing, token: string, seconds: number): string {
  if (seconds === 0) return token;
  return mutateToken(keys, token, mutationSchema.parse({ setClaims: shiftTimes(decodeJwt(token), seconds) }));
}

/** The `iat`, `exp`, `nbf` and `auth_time` among some claims, moved. */
export function shiftTimes(claims: Record<string, unknown>, seconds: number): Record<string, number> {
  const moved: Record<string, number> = {};
  for (const claim of ["iat", "exp", "nbf", "auth_time"]) {
    const time = claims[claim];
    if (typeof time === "number") moved[claim] = time + seconds;
  }
  return moved;
}

function headerOf(keys: KeyRing, signWith: Signer): { alg: string; kid?: string } {
  const { kid } = keys.current;
  switch (signWith) {
    case "none":
      return { alg: "none" };
    case "hs256":
    case "hs256-public-key":
      return { alg: "HS256", kid };
    case "es256":
      return { alg: "ES256", kid };
    case "unknown-kid":
      return { alg: "RS256", kid: keys.stranger.kid };
    default:
      return { alg: "RS256", kid };
  }
}

function signature(keys: KeyRing, signWith: Signer, input: string, clientSecret: string): Buffer {
  const data = Buffer.from(input);
  switch (signWith) {
    case "none":
      return Buffer.alloc(0);
    case "hs256":
      return createHmac("sha256", clientSecret).update(data).digest();
    case "hs256-public-key":
      return createHmac("sha256", keys.current.publicKey.export({ type: "spki", format: "pem" }))
        .update(data)
        .digest();
    case "es256":
      return sign("sha256", data, { key: keys.strangerEc.privateKey, dsaEncoding: "ieee-p1363" });
    case "other-key":
    case "unknown-kid":
      return sign("sha256", data, keys.stranger.privateKey);
    case "broken": {
      const genuine = sign("sha256", data, keys.current.privateKey);
      genuine[0] = (genuine[0] ?? 0) ^ 1;
      return genuine;
    }
    case "issuer":
      return sign("sha256", data, keys.current.privateKey);
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function withoutNulls(header: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(header).filter(([, value]) => value !== null));
}
