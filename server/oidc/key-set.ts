import "server-only";
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { OidcError } from "./errors";
import { fetchOutbound, withoutDeadline } from "./outbound";

// How often a provider's keys are fetched in each minute, whatever comes. Strangers can send tokens too, as logout tokens:
// some fetches are kept for tokens that came from the provider itself.
const fetchesPerMinute = 5;
const fetchesByStrangers = 3;
const minuteMs = 60_000;
// A signature that does not fit may come from a key that took over another's id, or has none. Seldom.
const replacedKeyMs = 30_000;
const freshMs = 10 * minuteMs;

/** Who gave us the token: the provider, over TLS, or anybody. */
export type TokenOrigin = "provider" | "anybody";

/** A provider's keys. */
export interface KeySet {
  /** Finds the key of a token, as `jose` wants it. */
  find: JWTVerifyGetKey;
  /** Fetches keys where none are known, or they are older than ten minutes. @returns how often they have come */
  load(origin: TokenOrigin): Promise<number>;
  /**
   * After a token was refused: whether there are other keys now than those that had come `before`. Fetches them once more
   * if that may help: a provider may rotate its keys between two sign-ins. Source: OpenID Connect Core 1.0, section 10.1.1.
   *
   * @throws OidcError `provider_unavailable` when they cannot be had, or were fetched too often
   */
  renew(before: number, refusal: unknown, origin: TokenOrigin): Promise<boolean>;
}

const keySets = new Map<string, KeySet>();

/** The keys behind an address, shared by all who ask. */
export function getKeySet(jwksUri: string): KeySet {
  const known = keySets.get(jwksUri) ?? createKeySet(jwksUri);
  keySets.set(jwksUri, known);
  return known;
}

function createKeySet(jwksUri: string): KeySet {
  let fetches: { at: number; origin: TokenOrigin }[] = [];
  let came = 0;
  let cameAt = 0;
  let underWay: Promise<void> | undefined;

  const keys = createRemoteJWKSet(new URL(jwksUri), {
    // It never fetches by itself.
    cooldownDuration: Number.POSITIVE_INFINITY,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: async (url, { headers }) => {
      const answer = await fetchOutbound(url, { headers });
      if (answer.status !== 200) throw new OidcError("provider_unavailable", "key_set_status");
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  });

  function mayFetch(origin: TokenOrigin): boolean {
    const now = Date.now();
    fetches = fetches.filter(({ at }) => now - at < minuteMs);
    const byStrangers = fetches.filter((fetch) => fetch.origin === "anybody").length;
    if (fetches.length >= fetchesPerMinute || (origin === "anybody" && byStrangers >= fetchesByStrangers)) return false;
    fetches.push({ at: now, origin });
    return true;
  }

  /** Null where they were fetched too often. All who wait share it: it does not end with the time of whoever came first. */
  function fetchKeys(origin: TokenOrigin): Promise<void> | null {
    if (underWay) return underWay;
    if (!mayFetch(origin)) return null;
    underWay = withoutDeadline(() => keys.reload())
      .then(() => {
        came += 1;
        cameAt = Date.now();
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }

  return {
    find: keys,
    async load(origin) {
      const isKnown = came > 0 && Date.now() - cameAt <= freshMs;
      if (!isKnown) await (fetchKeys(origin) ?? tooOften());
      return came;
    },
    async renew(before, refusal, origin) {
      if (came !== before) return true;
      const isUnknown = refusal instanceof errors.JWKSNoMatchingKey;
      const isReplaced =
        refusal instanceof errors.JWSSignatureVerificationFailed && Date.now() - cameAt >= replacedKeyMs;
      // A stranger's token is worth no more fetches: it is as wrong as it was.
      if (isUnknown || isReplaced) await (fetchKeys(origin) ?? (origin === "provider" && tooOften()));
      return came !== before;
    },
  };
}

function tooOften(): never {
  throw new OidcError("provider_unavailable", "key_set_rate");
}
