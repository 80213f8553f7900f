import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readShared } from "../db/client";
import { deadlineIn } from "../http/deadline";
import type { TokenTarget } from "../oidc/dialects";
import { withoutDeadline } from "../oidc/outbound";
import { traced } from "../telemetry/spans";
import { longestLeaseGrantMs, shortestLeaseGrantMs } from "./attempt";
import { type Broker, fulfils, inTime, isAlive, isFresh, keyOf, type Wish } from "./broker";
import {
  attemptExchange,
  type Exchange,
  type ExchangeAttempt,
  type ExchangeParts,
  refuseExchange,
  type WantedExchange,
} from "./exchange-attempt";
import { share } from "./flights";
import { granted, reauthenticationRequired, type TokenFailure, type TokenOutcome } from "./outcome";
import type { TokenOwner } from "./owner";
import { recallRefusal } from "./refusals";
import { isLost } from "./settle";

// As for refreshes: a page has ten seconds.
const exchangeWaitMs = 8_500;
const pollMs = 25;

/**
 * Where a service's token is kept among those of a grant. No resource indicator has a space; and one that was exchanged for
 * other terms, before configuration changed, is another.
 */
export function exchangeTarget({ service, provider, terms, subject, signActor }: Exchange): TokenTarget {
  const said = JSON.stringify([provider.id, provider.issuer, terms, subject, signActor !== null]);
  const digest = createHash("sha256").update(said).digest("base64url").slice(0, 22);
  return { resource: `exchange ${service} ${digest}`, organization: "", scope: "" };
}

/**
 * Hands out tokens that a provider gave in exchange for a user's own: kept ones while they last, then new ones, of which any
 * number of callers on any number of instances cause one exchange. No refusal ends a session.
 */
export function createExchanger(parts: ExchangeParts & { broker: Broker }) {
  const { store, broker } = parts;

  /** A token for a service. Never throws. */
  async function getExchanged(owner: TokenOwner, exchange: Exchange, wish: Wish = null): Promise<TokenOutcome> {
    // A bearer token of one provider is good for whoever has it: another is shown it only where configuration says so.
    const own = owner.provider.id;
    const isShown = exchange.provider.id === own || exchange.subjectProviders?.includes(own);
    if (!isShown) return { kind: "refused", code: "forbidden" };
    const target = exchangeTarget(exchange);
    const key = keyOf(owner, target);
    return inTime(async () => {
      if (wish === null) {
        const view = await readShared(`token ${key}`, () => store.look(owner.grantOwner, target));
        if (!view) return reauthenticationRequired;
        if (view.token && isFresh(view.token)) return granted(target, view.token);
      }
      const kind = wish === null ? "exchange" : "force";
      // Others wait for it too: it has deadlines of its own.
      const take = () => withoutDeadline(() => exchangeUnderLease(owner, exchange, target, wish));
      const outcome = await share(`${kind} ${key}`, take);
      // A flight that was in the air already may bring what a sibling got before.
      const isRefused = outcome.kind === "token" && wish && "other" in wish && outcome.accessToken === wish.other;
      return isRefused ? share(`${kind} ${key}`, take) : outcome;
    });
  }

  function exchangeUnderLease(owner: TokenOwner, exchange: Exchange, target: TokenTarget, wish: Wish) {
    const facts = { "daemun.provider": exchange.provider.id, "daemun.service": exchange.service };
    return traced("daemun.token.exchange", facts, async (tell) => {
      const outcome = await lockAndExchange(owner, exchange, target, wish);
      tell({ ...facts, "daemun.outcome": "code" in outcome ? outcome.code : "token" });
      return outcome;
    });
  }

  /** Lock, read again, exchange, keep. */
  async function lockAndExchange(
    owner: TokenOwner,
    exchange: Exchange,
    target: TokenTarget,
    wish: Wish,
  ): Promise<TokenOutcome> {
    const deadline = deadlineIn(exchangeWaitMs);
    let leaseGrantMs = shortestLeaseGrantMs;
    let refusedSubject: string | null = null;
    for (;;) {
      const view = await store.look(owner.grantOwner, target);
      if (!view) return reauthenticationRequired;
      const { token } = view;
      // A sibling may have been there first.
      if (token && isFresh(token) && fulfils(token, wish)) return granted(target, token);
      const wanted = { owner, exchange, target, wish, leaseGrantMs };
      const outcome = await tryOnce(wanted, view.retryAfterSeconds, refusedSubject);
      if (outcome === "late") leaseGrantMs = Math.min(2 * leaseGrantMs, longestLeaseGrantMs);
      else if (outcome?.kind === "token") return outcome;
      else if (outcome?.kind === "stale") {
        // With a newer one it may work; where that is refused as well, the subject token is not what the provider dislikes.
        if (refusedSubject !== null) return refuseExchange(parts, wanted, "provider_error", outcome.cause);
        refusedSubject = outcome.subjectToken;
      } else if (outcome !== null || deadline.leftMs() === 0) {
        const failed = outcome ?? tooLate;
        const isOver = failed.code === "reauthentication_required" || isLost(failed.code);
        const isUseful = token !== null && wish === null && isAlive(token) && !isOver;
        return isUseful ? granted(target, token) : failed;
      } else await sleep(pollMs);
    }
  }

  /** Null where another is at it. */
  async function tryOnce(
    wanted: WantedExchange,
    retryAfterSeconds: number,
    refusedSubject: string | null,
  ): Promise<ExchangeAttempt> {
    const { owner, exchange, target, wish } = wanted;
    const refusal = wish === null ? recallRefusal(keyOf(owner, target)) : null;
    if (refusal) return refusal;
    // It is to be left alone, whatever it is asked.
    if (retryAfterSeconds > 0 && exchange.provider.id === owner.provider.id)
      return { kind: "unavailable", code: "provider_unavailable", retryAfterSeconds };
    const subject = await (refusedSubject === null
      ? broker.getToken(owner, exchange.subject)
      : broker.renewToken(owner, exchange.subject, { other: refusedSubject }));
    return subject.kind === "token" ? attemptExchange(parts, wanted) : subject;
  }

  return { getExchanged };
}

const tooLate: TokenFailure = { kind: "unavailable", code: "provider_timeout", retryAfterSeconds: 1 };
