import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK } from "jose";

const pairs = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
};

export type ClientAlgorithm = keyof typeof pairs;

/** A key of a client: as its environment has it, and as a provider is told of it (RFC 7517), named by its thumbprint. */
export async function makeClientKey(alg: ClientAlgorithm): Promise<{ pem: string; jwk: JWK }> {
  const { privateKey, publicKey } = pairs[alg]();
  const jwk = await exportJWK(publicKey);
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { pem, jwk: { ...jwk, alg, use: "sig", kid: await calculateJwkThumbprint(jwk) } };
}
