import "server-only";
import { parseTarget, readAccessTokenClaims, type TokenRequest } from "../../oidc/dialects";
import { isMemberOf, type UserClaims } from "../../oidc/user-claims";
import { findProvider } from "../../settings/env";
import type { Wish } from "../../tokens/broker";
import type { Exchange } from "../../tokens/exchange-attempt";
import type { ClaimsOutcome, TokenFailure, TokenOutcome } from "../../tokens/outcome";
import { fetchUserInfo as fetchOwnersUserInfo } from "../../tokens/user-info";
import type { ActiveSession } from "../registry/active-session";
import {
  sessionBroker as broker,
  sessionExchanger as exchanger,
  sessionStore as store,
} from "../registry/session-broker";
import { ownerOf } from "../registry/session-owner";
import { readJudgedSession, readSession } from "../registry/session-state";

// The tokens of whoever is asking, for pages, actions and route handlers. None of these touches a cookie, so that they
// work where none can be set; none of them throws.

type Claims = Record<string, unknown>;

/**
 * An access token for a resource of `daemun.config.ts`, for an organization, for a resource on behalf of one, or, asked for
 * nothing, for the provider's own userinfo. A kept one while it lasts, then a new one.
 */
export async function getAccessToken(request: TokenRequest = {}): Promise<TokenOutcome> {
  const session = await findSession();
  return isFailure(session) ? session : getAccessTokenFor(session, request);
}

/**
 * The same for a session that is at hand.
 *
 * @param wish where given, a kept token will not do unless it fulfils this
 */
export async function getAccessTokenFor(
  session: ActiveSession,
  request: TokenRequest<string>,
  wish?: NonNullable<Wish>,
): Promise<TokenOutcome> {
  const owner = ownerOf(session);
  if (isFailure(owner)) return owner;
  const target = parseTarget(owner.provider, request);
  if (typeof target === "string") return { kind: "refused", code: target };
  // The provider would say the same; but whoever tries ids must not cost it a request each.
  const { organization } = target;
  if (organization !== "" && !isMemberOf(session.claims, organization))
    return { kind: "refused", code: "unknown_organization" };
  return wish ? broker.renewToken(owner, target, wish) : broker.getToken(owner, target);
}

/** What a service's token is exchanged for, and where, in the words of `daemun.config.ts`. */
export interface ExchangeWish extends Pick<Exchange, "service" | "terms" | "subjectProviders" | "signActor"> {
  /** The indicator of the resource whose token is exchanged; that for userinfo, if absent. */
  subjectResource?: string | undefined;
  /** The id of the provider that is asked; the session's own, if absent. */
  provider?: string | undefined;
}

/**
 * The token that a provider gives for a service in exchange for the session's own (RFC 8693).
 *
 * @param wish where given, a kept token will not do unless it fulfils this
 */
export async function getExchangedTokenFor(
  session: ActiveSession,
  { subjectResource, provider: id, ...exchange }: ExchangeWish,
  wish?: NonNullable<Wish>,
): Promise<TokenOutcome> {
  const owner = ownerOf(session);
  if (isFailure(owner)) return owner;
  const provider = id === undefined ? owner.provider : findProvider(id);
  if (!provider) return { kind: "refused", code: "unknown_provider" };
  const subject = parseTarget(owner.provider, subjectResource === undefined ? {} : { resource: subjectResource });
  if (typeof subject === "string") return { kind: "refused", code: subject };
  return exchanger.getExchanged(owner, { ...exchange, provider, subject }, wish);
}

/** What such a token says, where it is a JWT; one that is not is `invalid_response`. Nothing in it is verified: its API does that. */
export async function getAccessTokenClaims(request: TokenRequest = {}): Promise<ClaimsOutcome<Claims>> {
  const outcome = await getAccessToken(request);
  if (outcome.kind !== "token") return outcome;
  const claims = readAccessTokenClaims(outcome.accessToken);
  return claims ? { kind: "claims", claims } : { kind: "refused", code: "invalid_response" };
}

/** The access token of an organization that the person belongs to. */
export function getOrganizationToken(organization: string): Promise<TokenOutcome> {
  return getAccessToken({ organization });
}

/** What the access token of an organization says, as `getAccessTokenClaims` has it. */
export function getOrganizationTokenClaims(organization: string): Promise<ClaimsOutcome<Claims>> {
  return getAccessTokenClaims({ organization });
}

/** The claims of the ID token, as of the sign-in or of the last refresh that brought one. No network. Null without a session. */
export async function getIdTokenClaims(): Promise<UserClaims | null> {
  const state = await readSession();
  return state.kind === "active" ? state.session.claims : null;
}

/** The claims that the provider's userinfo gives now. Network, unless configuration lets an answer be served again. */
export async function fetchUserInfo(): Promise<ClaimsOutcome<UserClaims>> {
  const session = await findSession();
  const owner = isFailure(session) ? session : ownerOf(session);
  return isFailure(owner) ? owner : fetchOwnersUserInfo({ broker, store }, owner);
}

/**
 * A token that was got from the provider after `arrivedAt`, whatever is kept. Many who ask so at the same time share one
 * refresh.
 */
export async function refreshAccessToken(request: TokenRequest<string>, arrivedAt: Date): Promise<TokenOutcome> {
  const session = await findSession();
  return isFailure(session) ? session : getAccessTokenFor(session, request, { after: arrivedAt });
}

/** The scopes that the provider granted at the sign-in, or why that cannot be said. */
export async function getGrantedScopes(): Promise<{ kind: "scopes"; scopes: readonly string[] } | TokenFailure> {
  const session = await findSession();
  const owner = isFailure(session) ? session : ownerOf(session);
  return isFailure(owner) ? owner : broker.getScopes(owner);
}

async function findSession(): Promise<ActiveSession | TokenFailure> {
  const state = await readJudgedSession();
  if (state.kind === "active") return state.session;
  if (state.kind === "unavailable") return { kind: "unavailable", code: state.code, retryAfterSeconds: 5 };
  return { kind: "refused", code: state.code };
}

function isFailure(found: object): found is TokenFailure {
  return "kind" in found;
}
