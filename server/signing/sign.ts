import "server-only";
import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { env } from "../settings/env";
import { signingKey } from "./keys";
import { actorAlgorithm, type SigningAlgorithm } from "./signers";

export interface Assertion {
  /** Whom it speaks of. */
  subject: string;
  /** Whom it is for. */
  audience: string;
  algorithm: SigningAlgorithm;
  lifetimeSeconds: number;
  /** What it says besides. */
  claims: Record<string, unknown>;
}

/**
 * Signs that this app calls a service for a user, in the form of a JWT access token (RFC 9068), so that a service can verify it
 * with what it has for those. `act` says who acts (RFC 8693, section 4.1). Good for one call: each has a `jti` of its own.
 *
 * @throws VaultError, or the database's error
 */
export function signAssertion({ subject, audience, algorithm, lifetimeSeconds, claims }: Assertion): Promise<string> {
  const iss = env().authUrl;
  const said = { ...claims, iss, sub: subject, aud: audience, client_id: iss, act: { sub: iss } };
  return sign({ typ: "at+jwt", algorithm, lifetimeSeconds, claims: said });
}

/**
 * Signs who acts where a token is exchanged (RFC 8693, section 2.1, `actor_token`).
 *
 * @param audience the provider that is asked, its issuer
 */
export function signActor(audience: string): Promise<string> {
  const iss = env().authUrl;
  // No access token by its type: no service takes it.
  const claims = { iss, sub: iss, aud: audience };
  return sign({ typ: "actor+jwt", algorithm: actorAlgorithm, lifetimeSeconds: 60, claims });
}

async function sign({
  typ,
  algorithm,
  lifetimeSeconds,
  claims,
}: {
  typ: string;
  algorithm: SigningAlgorithm;
  lifetimeSeconds: number;
  claims: Record<string, unknown>;
}): Promise<string> {
  const { kid, privateKey } = await signingKey(algorithm);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims, iat: now, exp: now + lifetimeSeconds, jti: randomUUID() })
    .setProtectedHeader({ alg: algorithm, kid, typ })
    .sign(privateKey);
}
