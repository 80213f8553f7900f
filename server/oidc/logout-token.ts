import "server-only";
import type { JWTPayload } from "jose";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { isText, type Judging, verifySignature } from "./signed-token";

/** What a verified logout token says. Times are UNIX seconds by the provider's clock. */
export interface LogoutClaims {
  issuer: string;
  jti: string;
  issuedAt: number;
  /** Whose sessions end; with a `sid` as well, whose session that is. */
  subject: string | null;
  /** The provider's session whose sessions here end. */
  providerSessionId: string | null;
}

const eventName = "http://schemas.openid.net/event/backchannel-logout";

// A token that says "sign out" for longer than this is not about something that has just happened.
const longestLifeSeconds = 3600;

/**
 * Verifies a logout token to the letter: everything that is asked of an ID token's signature, `alg`, `iss`, `aud` and
 * `exp`, then `typ`, `iat`, `jti`, `events`, `sub` and `sid`, and that there is no `nonce`. Whether its `jti` came before
 * is not judged here.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6.
 * @throws OidcError `invalid_request`, `clock_skew`, or what fetching the keys gave
 */
export async function verifyLogoutToken(
  token: string,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { now = new Date(), settings = env(), ...judging }: Judging = {},
): Promise<LogoutClaims> {
  const { payload, protectedHeader } = await verifySignature(token, provider, metadata, {
    requiredClaims: ["iss", "aud", "iat", "jti", "events", ...(provider.backchannelRequireExp ? ["exp"] : [])],
    code: "invalid_request",
    origin: "anybody",
    ...{ ...judging, now, settings },
  });
  checkType(protectedHeader.typ, provider.backchannelRequireTyp);
  const { jti, sub, sid } = payload;
  const issuedAt = checkTimes(payload, Math.floor(now.getTime() / 1000), settings);
  if (!isName(jti)) throw invalid("jti");
  checkEvents(payload.events);
  // Prohibited, so that no ID token passes for a logout token or the other way round. `null` is a member too.
  if ("nonce" in payload) throw invalid("nonce");
  if (sub !== undefined && !isName(sub)) throw invalid("sub");
  if (sid !== undefined && !isName(sid)) throw invalid("sid");
  if (sub === undefined && sid === undefined) throw invalid("sub");
  return { issuer: String(payload.iss), jti, issuedAt, subject: sub ?? null, providerSessionId: sid ?? null };
}

/** Explicit typing keeps other tokens of the same keys out (RFC 8725, section 3.11); older providers do not do it. */
function checkType(typ: unknown, isRequired: boolean): void {
  if (typ === undefined && !isRequired) return;
  // RFC 7515 section 4.1.9: a media type, compared without case; "application/" may be left out.
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : null;
  if (type === "logout+jwt" || (type === "jwt" && !isRequired)) return;
  throw invalid("typ");
}

function checkTimes(
  { iat, exp }: JWTPayload,
  seconds: number,
  { clockToleranceSeconds, idTokenMaxAgeSeconds }: NonNullable<Judging["settings"]>,
): number {
  if (typeof iat !== "number" || !Number.isFinite(iat)) throw invalid("iat");
  if (iat > seconds + clockToleranceSeconds) throw new OidcError("clock_skew", "iat_ahead");
  if (iat < seconds - idTokenMaxAgeSeconds) throw invalid("iat_old");
  // The provider may leave it out where the operator lets it: then `iat` alone bounds the token.
  if (exp !== undefined && (typeof exp !== "number" || !(exp <= iat + longestLifeSeconds))) throw invalid("exp_far");
  return iat;
}

/** A security event (RFC 8417, section 2.2): an object whose members name events. Others beside ours do no harm. */
function checkEvents(events: unknown): void {
  if (!isObject(events) || !Object.hasOwn(events, eventName) || !isObject(events[eventName])) throw invalid("events");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return isText(value) && value !== "";
}

function invalid(detail: string): OidcError {
  return new OidcError("invalid_request", detail);
}
