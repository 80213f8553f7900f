import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseUnavailable } from "../db/unavailable";
import { env } from "../env";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import type { TokenTarget } from "../oidc/dialects";
import { withDeadline, withoutDeadline } from "../oidc/outbound";
import { VaultError } from "./errors";
import { inOrder, share } from "./flights";
import { granted, reauthenticationRequired, type TokenFailure, type TokenOutcome } from "./outcome";
import type { SessionHooks, TokenOwner } from "./owner";
import { type RefreshOutcome, refresh } from "./refresh";
import { settle } from "./settle";
import type { GrantView, KeptToken, Lease, TokenStore } from "./store";

export interface BrokerParts {
  store: TokenStore;
  hooks: SessionHooks;
}

// Who waits for a token is told in time, whatever becomes of the refresh: a page has ten seconds.
const patienceMs = 8_500;
// How often those who wait for another instance look. One in each process and grant does.
const pollMs = 25;
// For writing down what came, after the provider's own time is up.
const publishMs = 2_000;
const keyMs = 1_000;

/** How long before its end a token is replaced, in milliseconds: half a minute, or a tenth of a short life. */
function marginMs({ expiresAt, storedAt }: KeptToken): number {
  return Math.min(30_000, Math.max(0, expiresAt.getTime() - storedAt.getTime()) / 10);
}

/**
 * Hands out access tokens: kept ones while they last, then new ones, of which any number of callers on any number of
 * instances cause one refresh. Everything that varies is a part of it.
 */
export function createBroker({ store, hooks }: BrokerParts) {
  const isFresh = (token: KeptToken) => token.expiresAt.getTime() - marginMs(token) > Date.now();
  // Better than none while the provider is away.
  const isAlive = (token: KeptToken) => token.expiresAt.getTime() - 1_000 > Date.now();

  /** A token for `target`. Never throws. */
  async function getToken(owner: TokenOwner, target: TokenTarget): Promise<TokenOutcome> {
    try {
      // A crowd that asks for the same at the same moment reads it once.
      const view = await share(`look ${keyOf(owner, target)}`, () => store.look(owner.sessionId, target));
      if (!view) return reauthenticationRequired;
      if (view.token && isFresh(view.token)) return granted(target, view.token);
      const { outcome } = await fly(owner, target, null);
      return outcome;
    } catch (error) {
      return failure(error);
    }
  }

  /** A token that was got from the provider after `after`, also if the kept one would still do. Never throws. */
  async function renewToken(owner: TokenOwner, target: TokenTarget, after: Date): Promise<TokenOutcome> {
    try {
      for (let attempt = 1; ; attempt += 1) {
        const { outcome, storedAt } = await fly(owner, target, after);
        // A flight that was in the air already may have found what a sibling got before.
        if (outcome.kind !== "token" || storedAt > after || attempt === 3) return outcome;
      }
    } catch (error) {
      return failure(error);
    }
  }

  /** The scopes that the owner's grant has. Never throws. */
  async function getScopes({ sessionId }: TokenOwner): Promise<ScopesOutcome> {
    try {
      const scope = await store.findScope(sessionId);
      if (scope === null) return reauthenticationRequired;
      return { kind: "scopes", scopes: scope.split(" ").filter(Boolean) };
    } catch (error) {
      return failure(error);
    }
  }

  interface Landed {
    outcome: TokenOutcome;
    storedAt: Date;
  }

  /** One flight for all who want this token in this process, and one after the other for each grant. */
  async function fly(owner: TokenOwner, target: TokenTarget, after: Date | null): Promise<Landed> {
    // Others wait for it too: it has deadlines of its own.
    const take = () => withoutDeadline(() => refreshUnderLease(owner, target, after));
    const flight = share(`refresh ${keyOf(owner, target)}`, () => inOrder(owner.sessionId, take));
    const inTime = await Promise.race([flight, outOfPatience()]);
    if (inTime !== null) return inTime;
    // Where functions are frozen once they have answered, this keeps it from being forgotten half done.
    afterResponse(() => flight);
    return landed(tooLate);
  }

  /** Lock, read again, refresh, publish. */
  async function refreshUnderLease(owner: TokenOwner, target: TokenTarget, after: Date | null): Promise<Landed> {
    const givenUpAt = Date.now() + patienceMs;
    for (;;) {
      const view = await store.look(owner.sessionId, target);
      if (!view) return landed(reauthenticationRequired);
      const { token } = view;
      // A sibling may have been there first.
      if (token && isFresh(token) && (after === null || token.storedAt > after)) return landedOn(target, token);
      // The refresh token of a provider that configuration has replaced is not for its successor to see.
      if (!view.isRefreshable || owner.provider.issuer !== owner.issuer) return landed(reauthenticationRequired);
      const outcome = await attempt(owner, target, view);
      if (outcome?.kind === "token") return { outcome, storedAt: new Date() };
      const isLate = Date.now() > givenUpAt;
      if (outcome || isLate) {
        // While the provider is away, what is still alive is better than nothing; but not for who wants another.
        const isUseful = outcome?.kind !== "refused" && token !== null && after === null && isAlive(token);
        return isUseful ? landedOn(target, token) : landed(outcome ?? tooLate);
      }
      await sleep(pollMs);
    }
  }

  /** Refreshes, if the provider may be asked and the lease is to be had. Null where somebody else is at it, or was faster. */
  async function attempt(owner: TokenOwner, target: TokenTarget, view: GrantView): Promise<TokenOutcome | null> {
    const { retryAfterSeconds } = view;
    if (retryAfterSeconds > 0) return { kind: "unavailable", code: "provider_unavailable", retryAfterSeconds };
    if (view.isLeased) return null;
    const workMs = env().outboundTimeoutMs + keyMs;
    const lease = await store.lease(view.grantId, crypto.randomUUID(), workMs + publishMs);
    if (!lease) return null;
    // Somebody published between the look and the lease: look again.
    if (lease.refreshCount !== view.refreshCount) return giveBack(lease, null);
    const { refreshToken } = lease;
    if (refreshToken === null) return giveBack(lease, null);
    const request = { provider: owner.provider, subject: owner.subject, refreshToken, target, grantScope: view.scope };
    let outcome: RefreshOutcome;
    try {
      outcome = await withDeadline(workMs, () => refresh(request));
    } catch (error) {
      await giveBack(lease, null);
      throw error;
    }
    return settle({ store, hooks }, { owner, target, lease }, outcome);
  }

  async function giveBack<T>(lease: Lease, outcome: T): Promise<T> {
    await store.release(lease, 0);
    return outcome;
  }

  return { getToken, renewToken, getScopes };
}

type ScopesOutcome = { kind: "scopes"; scopes: readonly string[] } | TokenFailure;

export type Broker = ReturnType<typeof createBroker>;

const never = new Date(0);

function landed(outcome: TokenOutcome) {
  return { outcome, storedAt: never };
}

function landedOn(target: TokenTarget, token: KeptToken) {
  return { outcome: granted(target, token), storedAt: token.storedAt };
}

const tooLate: TokenFailure = { kind: "unavailable", code: "provider_timeout", retryAfterSeconds: 1 };

function outOfPatience(): Promise<null> {
  return sleep(patienceMs, null, { ref: false });
}

function keyOf({ sessionId }: TokenOwner, { resource, organization, scope }: TokenTarget): string {
  return JSON.stringify([sessionId, resource, organization, scope]);
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
