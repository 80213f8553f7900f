import "server-only";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { OidcError } from "./errors";
import { fetchOutbound, withoutDeadline } from "./outbound";

const keySets = new Map<string, JWTVerifyGetKey>();

// A provider may rotate its keys between two sign-ins, so an unknown key id is looked up at once. Strangers can send
// unknown key ids too (logout tokens), so a provider's key set is fetched at most this often.
const fetchesPerWindow = 10;
const windowMs = 10_000;

/** The provider's keys, fetched when a token names one that is not known yet. Source: OpenID Connect Core 1.0, section 10.1.1. */
export function getKeySet(jwksUri: string): JWTVerifyGetKey {
  let keySet = keySets.get(jwksUri);
  if (!keySet) {
    let fetches: number[] = [];
    keySet = createRemoteJWKSet(new URL(jwksUri), {
      cooldownDuration: 0,
      cacheMaxAge: 10 * 60_000,
      [customFetch]: async (url, { headers }) => {
        const now = Date.now();
        fetches = fetches.filter((at) => now - at < windowMs);
        if (fetches.length >= fetchesPerWindow) throw new OidcError("provider_unavailable", "key_set_rate");
        fetches.push(now);
        // All who wait share it: it must not end with the time of whoever came first.
        const answer = await withoutDeadline(() => fetchOutbound(url, { headers }));
        if (answer.status !== 200) throw new OidcError("provider_unavailable", "key_set_status");
        return new Response(answer.body, { status: answer.status, headers: answer.headers });
      },
    });
    keySets.set(jwksUri, keySet);
  }
  return keySet;
}
