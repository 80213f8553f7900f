import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { type AccessToken, type VerifyToken, wordsOf } from "./access-token";
import { invalidToken, Unavailable } from "./bearer";
import { discoverLazily } from "./discovery";

export interface JwtVerifierOptions {
  /** Whose tokens are taken. */
  issuers: readonly string[];
  audience: string;
}

const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  client_id: z.string().optional(),
  scope: z.string().optional(),
  scp: z.string().optional(),
  organization_id: z.string().min(1).optional(),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/** Verifies JWT access tokens (RFC 9068 §4) by the keys that their issuers publish. */
export function jwtVerifier({ issuers, audience }: JwtVerifierOptions): VerifyToken {
  const keysOf = new Map(issuers.map((issuer) => [issuer, remoteKeys(issuer)]));
  return async (token) => {
    const keys = keysOf.get(issuerOf(token));
    if (!keys) throw invalidToken("The token is from an unknown issuer.");
    const { payload } = await jwtVerify(token, keys, {
      issuer: [...issuers],
      audience,
      algorithms: ["RS256"],
      // An ID token is no access token.
      typ: "at+jwt",
      requiredClaims: ["sub", "exp"],
    }).catch((error: unknown) => {
      throw asRefusal(error);
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw invalidToken("The token lacks claims, or has malformed ones.");
    return accessToken(claims.data);
  };
}

function accessToken(claims: z.infer<typeof claimsSchema>): AccessToken {
  return {
    iss: claims.iss,
    sub: claims.sub,
    aud: [claims.aud].flat(),
    clientId: claims.client_id ?? null,
    // `scp` is Entra's.
    scopes: [...wordsOf(claims.scope), ...wordsOf(claims.scp)],
    organization: claims.organization_id ?? null,
    thumbprint: claims.cnf?.jkt ?? null,
  };
}

// Not believed yet: it only chooses the keys, and is checked with the rest.
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    throw invalidToken("The token is no JWT.");
  }
}

function remoteKeys(issuer: string): JWTVerifyGetKey {
  const discover = discoverLazily(issuer);
  let keys: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    // An unknown key is looked for at once, for tests that rotate keys. A service that strangers reach leaves jose's
    // cooldown of 30 s alone, or everybody's nonsense costs its issuer a request.
    keys ??= createRemoteJWKSet(new URL((await discover()).jwks_uri), { cooldownDuration: 0 });
    return keys(header, token);
  };
}

function asRefusal(error: unknown): Error {
  // What jose says when the key set cannot be had, and not of the token.
  const keysAreAway =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === "ERR_JOSE_GENERIC";
  if (keysAreAway) return new Unavailable("The issuer's keys cannot be had.", { cause: error });
  if (error instanceof errors.JWTExpired) return invalidToken("The token has expired.");
  if (error instanceof errors.JWTClaimValidationFailed) return invalidToken(`The token's ${error.claim} is not right.`);
  return invalidToken("The token's signature cannot be verified.");
}
