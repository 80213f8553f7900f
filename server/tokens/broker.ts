import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { readShared } from "../db/client";
import { databaseFailureCode } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { deadlineIn } from "../http/deadline";
import { describeError, log } from "../http/log";
import type { TokenTarget } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import { warnOfNoRefreshToken } from "../oidc/offline-access";
import { beforeDeadline, withoutDeadline } from "../oidc/outbound";
import { took } from "../telemetry/meters";
import { traced } from "../telemetry/spans";
import { attempt, longestLeaseGrantMs, shortestLeaseGrantMs } from "./attempt";
import { VaultError } from "./errors";
import { inOrder, share } from "./flights";
import { type Credential, granted, reauthenticationRequired, type TokenFailure, type TokenOutcome } from "./outcome";
import type { TokenOwner } from "./owner";
import { recallRefusal } from "./refusals";
import { isLost, type SettleParts } from "./settle";
import type { GrantView, KeptToken } from "./store";

/** Which tokens will do besides being fresh: those got after a moment, or any but the one that was refused. */
export type Wish = { after: Date } | { other: string } | null;

// Who waits for a token is told in time, whatever becomes of the refresh: a page has ten seconds.
const tokenWaitMs = 8_500;
// How often those who wait for another instance look. One in each process and grant does.
const pollMs = 25;

/** Until half a minute before its end, or a tenth of a short life. */
export function isFresh({ expiresAt, ageMs }: KeptToken): boolean {
  const leftMs = expiresAt.getTime() - Date.now();
  return leftMs > Math.min(30_000, Math.max(0, leftMs + ageMs) / 10);
}

/** Better than none while there is no other. */
export function isAlive({ expiresAt }: KeptToken): boolean {
  return expiresAt.getTime() - 1_000 > Date.now();
}

/**
 * Hands out access tokens: kept ones while they last, then new ones, of which any number of callers on any number of
 * instances cause one refresh. Everything that varies is a part of it.
 */
export function createBroker(parts: SettleParts) {
  const { store } = parts;
  /** A token for `target`. Never throws. */
  async function getToken(owner: TokenOwner, target: TokenTarget): Promise<TokenOutcome> {
    return inTime(async () => {
      const view = await readShared(`token ${keyOf(owner, target)}`, () => store.look(owner.grantOwner, target));
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

  /**
   * Asks the provider whether it still honours the grant, by a refresh, unless it gave tokens for it less than `dueMs` ago or
   * is asked right now. Never throws.
   *
   * @returns milliseconds until it has to be asked again, or null where it could not be
   */
  async function recheck(owner: TokenOwner, dueMs: number): Promise<number | null> {
    try {
      return await inOrder(nameOf(owner), () => withoutDeadline(() => recheckUnderLease(owner, dueMs)));
    } catch (error) {
      failure(error);
      return null;
    }
  }

  async function recheckUnderLease(owner: TokenOwner, dueMs: number): Promise<number | null> {
    const view = await store.look(owner.grantOwner, everything);
    // Without a refresh token there is no question that would be answered.
    if (!view?.isRefreshable) return dueMs;
    const leftMs = dueMs - view.renewedMsAgo;
    if (leftMs > 0) return leftMs;
    if (view.isLeased || view.retryAfterSeconds > 0) return null;
    const wanted = { owner, target: everything, view, key: keyOf(owner, everything) };
    const outcome = await attempt(parts, { ...wanted, leaseGrantMs: shortestLeaseGrantMs });
    if (outcome === null || outcome === "late" || outcome.kind !== "token") return null;
    await renewRoles(owner, everything, outcome);
    return dueMs;
  }

  /** Roles that userinfo gave, once more after a refresh, which may have been for an API: userinfo wants another token then. */
  async function renewRoles(owner: TokenOwner, target: TokenTarget, token: Credential): Promise<void> {
    const isForUserInfo = keyOf(owner, target) === keyOf(owner, everything);
    if ((await parts.hooks.renewRoles(owner, isForUserInfo ? token : null)) === "done") return;
    try {
      const kept = (await store.look(owner.grantOwner, everything))?.token;
      if (kept && isFresh(kept)) await parts.hooks.renewRoles(owner, kept);
      // Under the same flight: whoever asks for it meanwhile waits for this one.
      else await refreshUnderLease(owner, everything, null);
    } catch (error) {
      failure(error);
    }
  }

  /** One flight for all who wish the same in this process, and one after the other for each grant. */
  function fly(owner: TokenOwner, target: TokenTarget, wish: Wish): Promise<TokenOutcome> {
    // Others wait for it too: it has deadlines of its own.
    const take = () => withoutDeadline(() => refreshUnderLease(owner, target, wish));
    const kind = wish === null ? "refresh" : "force";
    return share(`${kind} ${keyOf(owner, target)}`, () => inOrder(nameOf(owner), take));
  }

  function refreshUnderLease(owner: TokenOwner, target: TokenTarget, wish: Wish): Promise<TokenOutcome> {
    return traced("daemun.token.refresh", { "daemun.provider": owner.provider.id }, async (tell) => {
      const waited = { ms: 0 };
      const outcome = await lockAndRefresh(owner, target, wish, waited);
      const facts = {
        "daemun.provider": owner.provider.id,
        "daemun.outcome": "code" in outcome ? outcome.code : "token",
      };
      tell({ ...facts, "daemun.lease.wait_ms": waited.ms });
      if (waited.ms > 0) took("daemun.lease.wait", waited.ms, facts);
      return outcome;
    });
  }

  /** Lock, read again, refresh, publish. */
  async function lockAndRefresh(
    owner: TokenOwner,
    target: TokenTarget,
    wish: Wish,
    waited: { ms: number },
  ): Promise<TokenOutcome> {
    const began = performance.now();
    const deadline = deadlineIn(tokenWaitMs);
    let leaseGrantMs = shortestLeaseGrantMs;
    for (;;) {
      const view = await store.look(owner.grantOwner, target);
      if (!view) return reauthenticationRequired;
      const { token } = view;
      // A sibling may have been there first.
      if (token && isFresh(token) && fulfils(token, wish)) return granted(target, token);
      const refusal = wish === null ? recallRefusal(keyOf(owner, target)) : null;
      const tried = refusal ?? (await tryOnce(owner, target, view, leaseGrantMs));
      // On a starved machine the lease would come too late each time.
      if (tried === "late") leaseGrantMs = Math.min(2 * leaseGrantMs, longestLeaseGrantMs);
      const outcome = tried === "late" ? null : tried;
      if (outcome?.kind === "token") {
        await renewRoles(owner, target, outcome);
        return outcome;
      }
      const isLate = deadline.leftMs() === 0;
      if (outcome || isLate) {
        const failed = outcome ?? tooLate;
        const isOver = failed.code === "reauthentication_required" || isLost(failed.code);
        const isUseful = token !== null && wish === null && isAlive(token) && !isOver;
        return isUseful ? granted(target, token) : failed;
      }
      await sleep(pollMs);
      waited.ms = Math.round(performance.now() - began);
    }
  }

  /** Null where another is at it, or was faster. */
  async function tryOnce(
    owner: TokenOwner,
    target: TokenTarget,
    view: GrantView,
    leaseGrantMs: number,
  ): Promise<TokenOutcome | "late" | null> {
    if (!view.isRefreshable) {
      // Signing in again brings the token for userinfo, and would bring no refresh token either.
      const isForUserInfo = target.resource === "" && target.organization === "";
      if (isForUserInfo) return reauthenticationRequired;
      warnOfNoRefreshToken(owner.provider, "access_token");
      return { kind: "refused", code: "refresh_token_missing" };
    }
    const { retryAfterSeconds } = view;
    if (retryAfterSeconds > 0) return { kind: "unavailable", code: "provider_unavailable", retryAfterSeconds };
    if (view.isLeased) return null;
    return attempt(parts, { owner, target, view, key: keyOf(owner, target), leaseGrantMs });
  }

  return { getToken, renewToken, recheck, getScopes };
}

type ScopesOutcome = { kind: "scopes"; scopes: readonly string[] } | TokenFailure;

export type Broker = ReturnType<typeof createBroker>;

// The token for the provider's own userinfo, with all that was granted.
const everything: TokenTarget = { resource: "", organization: "", scope: "" };

const tooLate: TokenFailure = { kind: "unavailable", code: "provider_timeout", retryAfterSeconds: 1 };

/** Whether a kept token will do for a wish. */
export function fulfils({ accessToken, ageMs }: KeptToken, wish: Wish): boolean {
  if (wish === null) return true;
  // An age by one clock against a time span by another: the clocks themselves may differ.
  return "after" in wish ? ageMs < Date.now() - wish.after.getTime() : accessToken !== wish.other;
}

/** What `work` gives, if it does so before the caller's patience, or their own deadline, is over. */
export async function inTime(work: () => Promise<TokenOutcome>): Promise<TokenOutcome> {
  const outcome = work();
  try {
    return await beforeDeadline(outcome, tokenWaitMs);
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

/** Names owner and target. */
export function keyOf(owner: TokenOwner, { resource, organization, scope }: TokenTarget): string {
  return JSON.stringify([nameOf(owner), resource, organization, scope]);
}

/** What a fault of ours is to whoever wanted a token. */
export function failure(error: unknown): TokenFailure {
  if (error instanceof VaultError) {
    // What does not open is never used, and not replaced behind its owner's back either.
    log.error("token.not_opened", { cause: describeError(error) });
    return reauthenticationRequired;
  }
  const code = databaseFailureCode(error);
  if (code === "internal_error") log.error("token.failed", { cause: describeError(error) });
  return { kind: "unavailable", code, retryAfterSeconds: 5 };
}
