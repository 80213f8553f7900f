import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { askInTurn } from "../db/client";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import type { TokenTarget } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import { beforeDeadline, withoutDeadline } from "../oidc/outbound";
import { attempt } from "./attempt";
import { VaultError } from "./errors";
import { inOrder, share } from "./flights";
import { granted, reauthenticationRequired, type TokenFailure, type TokenOutcome } from "./outcome";
import type { SessionHooks, TokenOwner } from "./owner";
import { recallRefusal } from "./refusals";
import { isLost } from "./settle";
import type { GrantView, KeptToken, TokenStore } from "./store";

export interface BrokerParts {
  store: TokenStore;
  hooks: SessionHooks;
}

/** Which tokens will do besides being fresh: those got after a moment, or any but the one that was refused. */
export type Wish = { after: Date } | { other: string } | null;

// Who waits for a token is told in time, whatever becomes of the refresh: a page has ten seconds.
const patienceMs = 8_500;
// How often those who wait for another instance look. One in each process and grant does.
const pollMs = 25;

/** Until half a minute before its end, or a tenth of a short life. */
function isFresh({ expiresAt, ageMs }: KeptToken): boolean {
  const leftMs = expiresAt.getTime() - Date.now();
  return leftMs > Math.min(30_000, Math.max(0, leftMs + ageMs) / 10);
}

/** Better than none while there is no other. */
function isAlive({ expiresAt }: KeptToken): boolean {
  return expiresAt.getTime() - 1_000 > Date.now();
}

/**
 * Hands out access tokens: kept ones while they last, then new ones, of which any number of callers on any number of
 * instances cause one refresh. Everything that varies is a part of it.
 */
export function createBroker({ store, hooks }: BrokerParts) {
  /** A token for `target`. Never throws. */
  async function getToken(owner: TokenOwner, target: TokenTarget): Promise<TokenOutcome> {
    return inTime(async () => {
      const view = await askInTurn(`token ${keyOf(owner, target)}`, () => store.look(owner.grantOwner, target));
      if (!view) return reauthenticationRequired;
      if (view.token && isFresh(view.token)) return granted(target, view.token);
      return fly(owner, target, null);
    });
  }

  /** A token that was not there before, though the kept one may still be fresh. Never throws. */
  async function renewToken(owner: TokenOwner, target: TokenTarget, wish: NonNullable<Wish>): Promise<TokenOutcome> {
    return inTime(async () => {
      // A flight that was in the air already may bring what a sibling got before.
      for (let flights = 1; ; flights += 1) {
        const outcome = await fly(owner, target, wish);
        const isRefused = outcome.kind === "token" && "other" in wish && outcome.accessToken === wish.other;
        if (!isRefused || flights === 2) return outcome;
      }
    });
  }

  /** The scopes that the owner's grant has. Never throws. */
  async function getScopes({ grantOwner }: TokenOwner): Promise<ScopesOutcome> {
    try {
      const scope = await store.findScope(grantOwner);
      if (scope === null) return reauthenticationRequired;
      return { kind: "scopes", scopes: scope.split(" ").filter(Boolean) };
    } catch (error) {
      return failure(error);
    }
  }

  /** One flight for all who wish the same in this process, and one after the other for each grant. */
  function fly(owner: TokenOwner, target: TokenTarget, wish: Wish): Promise<TokenOutcome> {
    // Others wait for it too: it has deadlines of its own.
    const take = () => withoutDeadline(() => refreshUnderLease(owner, target, wish));
    const kind = wish === null ? "refresh" : "force";
    return share(`${kind} ${keyOf(owner, target)}`, () => inOrder(nameOf(owner), take));
  }

  /** Lock, read again, refresh, publish. */
  async function refreshUnderLease(owner: TokenOwner, target: TokenTarget, wish: Wish): Promise<TokenOutcome> {
    const givenUpAt = Date.now() + patienceMs;
    for (;;) {
      const view = await store.look(owner.grantOwner, target);
      if (!view) return reauthenticationRequired;
      const { token } = view;
      // A sibling may have been there first.
      if (token && isFresh(token) && fulfils(token, wish)) return granted(target, token);
      const refusal = wish === null ? recallRefusal(keyOf(owner, target)) : null;
      const outcome = refusal ?? (await tryOnce(owner, target, view));
      if (outcome?.kind === "token") return outcome;
      const isLate = Date.now() > givenUpAt;
      if (outcome || isLate) {
        const failed = outcome ?? tooLate;
        const isOver = failed.code === "reauthentication_required" || isLost(failed.code);
        const isUseful = token !== null && wish === null && isAlive(token) && !isOver;
        return isUseful ? granted(target, token) : failed;
      }
      await sleep(pollMs);
    }
  }

  /** Null where somebody else is at it, or was faster. */
  async function tryOnce(owner: TokenOwner, target: TokenTarget, view: GrantView): Promise<TokenOutcome | null> {
    if (!view.isRefreshable) {
      // Signing in again brings the token for userinfo, and would bring no refresh token either.
      const isForUserInfo = target.resource === "" && target.organization === "";
      return isForUserInfo ? reauthenticationRequired : { kind: "refused", code: "provider_misconfigured" };
    }
    const { retryAfterSeconds } = view;
    if (retryAfterSeconds > 0) return { kind: "unavailable", code: "provider_unavailable", retryAfterSeconds };
    if (view.isLeased) return null;
    return attempt({ store, hooks }, { owner, target, view, key: keyOf(owner, target) });
  }

  return { getToken, renewToken, getScopes };
}

type ScopesOutcome = { kind: "scopes"; scopes: readonly string[] } | TokenFailure;

export type Broker = ReturnType<typeof createBroker>;

const tooLate: TokenFailure = { kind: "unavailable", code: "provider_timeout", retryAfterSeconds: 1 };

function fulfils({ accessToken, ageMs }: KeptToken, wish: Wish): boolean {
  if (wish === null) return true;
  // An age by one clock against a time span by another: the clocks themselves may differ.
  return "after" in wish ? ageMs < Date.now() - wish.after.getTime() : accessToken !== wish.other;
}

/** What `work` gives, if it does so before the caller's patience, or their own deadline, is over. */
async function inTime(work: () => Promise<TokenOutcome>): Promise<TokenOutcome> {
  const outcome = work();
  try {
    return await beforeDeadline(outcome, patienceMs);
  } catch (error) {
    if (!(error instanceof OidcError)) return failure(error);
    // Where functions are frozen once they have answered, this keeps it from being forgotten half done.
    afterResponse(() => outcome.catch(() => null));
    return tooLate;
  }
}

function nameOf({ grantOwner }: TokenOwner): string {
  return "sessionId" in grantOwner ? grantOwner.sessionId : `${grantOwner.userId} ${grantOwner.service}`;
}

function keyOf(owner: TokenOwner, { resource, organization, scope }: TokenTarget): string {
  return JSON.stringify([nameOf(owner), resource, organization, scope]);
}

function failure(error: unknown): TokenFailure {
  if (error instanceof VaultError) {
    // What does not open is never used, and not replaced behind its owner's back either.
    log.error("token.not_opened", { cause: describeError(error) });
    return reauthenticationRequired;
  }
  if (isDatabaseUnavailable(error)) return { kind: "unavailable", code: "database_unavailable", retryAfterSeconds: 5 };
  log.error("token.failed", { cause: describeError(error) });
  return { kind: "unavailable", code: "internal_error", retryAfterSeconds: 5 };
}
