import "server-only";
import { calculateJwkThumbprint, type JWK, SignJWT } from "jose";
import { readSigningKey, type SigningKey } from "../settings/private-keys";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";

/** A key of this client, by the name that its signatures say. */
export type NamedKey = SigningKey & { kid: string };

// Reading and hashing a key costs more than the signature. By its text, so that two providers may share one.
const known = new Map<string, Promise<NamedKey>>();

/** The keys that this client signs with at a provider, the one that signs first. */
export function clientKeys({ privateKeys }: ProviderSettings): Promise<NamedKey[]> {
  return Promise.all(
    privateKeys.map((text) => {
      const key = known.get(text) ?? nameKey(text);
      known.set(text, key);
      return key;
    }),
  );
}

/** Source: RFC 7638: the thumbprint is a name that both sides can work out. */
async function nameKey(text: string): Promise<NamedKey> {
  const key = readSigningKey(text);
  return { ...key, kid: key.kid ?? (await calculateJwkThumbprint(key.publicJwk as JWK)) };
}

/** The public halves, as a JWK Set (RFC 7517, section 5). */
export async function publicKeySet(provider: ProviderSettings): Promise<{ keys: object[] }> {
  const keys = await clientKeys(provider);
  return { keys: keys.map(({ publicJwk, kid, alg }) => ({ ...publicJwk, kid, alg, use: "sig" })) };
}

/** Signs a JWT of this client with its first key. @throws OidcError `provider_misconfigured` without one */
export async function signAsClient(
  provider: ProviderSettings,
  claims: Record<string, unknown>,
  { keyId }: { keyId?: string } = {},
): Promise<string> {
  const [key] = await clientKeys(provider);
  if (!key) throw new OidcError("provider_misconfigured", "no_private_key");
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: keyId ?? key.kid }).sign(key.privateKey);
}
