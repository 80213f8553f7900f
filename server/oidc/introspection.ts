import "server-only";
import { createHash } from "node:crypto";
import * as openid from "openid-client";
import { inProcess } from "../http/in-process";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { type AccessTokenClaims, accessTokenClaims } from "./access-token";
import { OidcError } from "./errors";
import { isIssuerOf } from "./issuer";
import { getMetadata } from "./metadata";
import { oidcErrorOf, openidClientFor } from "./openid-client";
import { beforeDeadline, parseJsonObject, withoutDeadline } from "./outbound";
import { noteRefusal, refusalOf } from "./token-endpoint";

type Answer = Readonly<Record<string, unknown>>;

// A token that was revoked at its provider works here for so long at most; one that it does not know is asked about again
// after a while too, since a replica may not have heard of it yet.
const knownMs = 30_000;
const unknownMs = 5_000;
const mostKept = 2_000;

const state = inProcess("introspection", () => ({
  kept: new Map<string, { answer: Answer; until: number }>(),
  underWay: new Map<string, Promise<Answer>>(),
}));

/** Whether what the provider says of this token is at hand, or on its way, so that nobody has to be asked. */
export function isIntrospected(provider: ProviderSettings, token: string): boolean {
  const key = keyOf(provider, token);
  return state.underWay.has(key) || recall(key) !== null;
}

/**
 * What the provider says of a token that says nothing itself. Kept for half a minute, and never past the token's end; callers
 * at the same time share one request. The token is sent to that one provider and nowhere else.
 *
 * Source: RFC 7662, section 2.
 * @param audience what has to be among its `aud`: an answer without one is of a token for anything
 * @throws OidcError `invalid_request` (not active, not for us), `clock_skew`, `provider_unavailable`, `provider_timeout`,
 *   `provider_misconfigured`, `invalid_response`
 */
export async function introspectAccessToken(
  token: string,
  provider: ProviderSettings,
  audience: string,
  now = new Date(),
): Promise<AccessTokenClaims> {
  const key = keyOf(provider, token);
  const answer = recall(key) ?? (await beforeDeadline(ask(key, token, provider)));
  if (answer.active !== true) throw invalid("inactive");
  const { clockToleranceSeconds: toleranceSeconds } = env();
  const { iss = provider.issuer, aud, nbf, token_use: use } = answer;
  if (typeof iss !== "string" || !isIssuerOf(provider, iss)) throw invalid("iss");
  if (![aud].flat().includes(audience)) throw invalid("aud");
  if (typeof nbf === "number" && nbf > now.getTime() / 1000 + toleranceSeconds)
    throw new OidcError("clock_skew", "nbf");
  if (nbf !== undefined && typeof nbf !== "number") throw invalid("nbf");
  // Refresh tokens are active too. Hydra says so in a member of its own, others by a token type or by none.
  const type = typeof answer.token_type === "string" ? answer.token_type.toLowerCase() : "";
  if (!["bearer", "dpop"].includes(type) || (use !== undefined && use !== "access_token")) throw invalid("token_type");
  const claims = accessTokenClaims({ ...answer, iss }, { now, toleranceSeconds });
  // Nothing is tolerated: the answer is of now.
  if (claims.expiresAt <= now) throw invalid("exp");
  return claims;
}

function ask(key: string, token: string, provider: ProviderSettings): Promise<Answer> {
  const known = state.underWay.get(key);
  if (known) return known;
  const asked = withoutDeadline(() => request(token, provider))
    .then((answer) => keep(key, answer))
    .finally(() => state.underWay.delete(key));
  state.underWay.set(key, asked);
  return asked;
}

async function request(token: string, provider: ProviderSettings): Promise<Answer> {
  const metadata = await getMetadata(provider);
  if (metadata.introspection_endpoint === undefined)
    throw new OidcError("provider_misconfigured", "introspection_endpoint");
  let document: Record<string, unknown> = {};
  const client = await openidClientFor(provider, metadata, (answer) => {
    if (answer.status >= 400) {
      noteRefusal(provider, answer);
      return refusalOf(answer);
    }
    if (answer.status !== 200) throw new OidcError("invalid_response", `status_${answer.status}`);
    document = parseJsonObject(answer);
    return Response.json({ active: document.active === true });
  });
  try {
    await openid.tokenIntrospection(client, token, { token_type_hint: "access_token" });
  } catch (error) {
    throw oidcErrorOf(error, provider) ?? error;
  }
  return document;
}

function keep(key: string, answer: Answer): Answer {
  const now = Date.now();
  const end = typeof answer.exp === "number" ? answer.exp * 1000 : now;
  const until = answer.active === true ? Math.min(now + knownMs, end) : now + unknownMs;
  state.kept.delete(key);
  if (until > now) state.kept.set(key, { answer, until });
  if (state.kept.size > mostKept) state.kept.delete(state.kept.keys().next().value as string);
  return answer;
}

function recall(key: string): Answer | null {
  const found = state.kept.get(key);
  if (found && found.until > Date.now()) return found.answer;
  if (found) state.kept.delete(key);
  return null;
}

// Not the token itself: nothing keeps it here.
function keyOf({ id }: ProviderSettings, token: string): string {
  return createHash("sha256").update(`${id}\n${token}`).digest("base64url");
}

function invalid(detail: string): OidcError {
  return new OidcError("invalid_request", detail);
}
