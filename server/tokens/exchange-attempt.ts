import "server-only";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../audit/audit";
import { wallDeadlineIn } from "../http/deadline";
import type { TokenTarget } from "../oidc/dialects";
import { ProofKey } from "../oidc/dpop";
import { OidcError } from "../oidc/errors";
import { getMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { type ExchangeOutcome, type ExchangeTerms, exchangeFailure, exchangeToken } from "../oidc/token-exchange";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { lostHolderGraceMs, publishMs } from "./attempt";
import { fulfils, isAlive, isFresh, keyOf, type Wish } from "./broker";
import { VaultError } from "./errors";
import { granted, type TokenFailure, type TokenOutcome } from "./outcome";
import type { TokenOwner } from "./owner";
import { rememberRefusal } from "./refusals";
import { isLost, untilWritten } from "./settle";
import type { KeptToken, Lease, TokenStore } from "./store";

/** A service's token, and what it is had for. */
export interface Exchange {
  service: string;
  /** Whose token endpoint is asked. */
  provider: ProviderSettings;
  terms: ExchangeTerms;
  /** Which of the user's tokens is exchanged. */
  subject: TokenTarget;
  /** The other providers whose users' tokens may be shown to this one. */
  subjectProviders?: readonly string[] | undefined;
  /** Signs who acts, where the provider is told. */
  signActor: ((audience: string) => Promise<string>) | null;
}

export interface ExchangeParts {
  store: TokenStore;
  /** Writes a row of the audit trail. */
  audit?: typeof auditAtOnce;
}

export interface WantedExchange {
  owner: TokenOwner;
  exchange: Exchange;
  target: TokenTarget;
  wish: Wish;
  /** Milliseconds in which the lease has to come. */
  leaseGrantMs: number;
}

/** Null where another is at it; `late` where the lease came too late; `stale` where this subject token was not taken. */
export type ExchangeAttempt = TokenOutcome | { kind: "stale"; cause: string; subjectToken: string } | "late" | null;

// A provider that wants to be left alone for longer keeps people from their tokens.
const longestRetrySeconds = 300;

/** Exchanges, if the lease is to be had and nobody has done so since the look. */
export async function attemptExchange(parts: ExchangeParts, wanted: WantedExchange): Promise<ExchangeAttempt> {
  const { owner, exchange, target, wish, leaseGrantMs } = wanted;
  const { store } = parts;
  // Before the lease, which leaves no time for it.
  const metadata = await getMetadata(exchange.provider).catch(asOidcError);
  if (metadata instanceof OidcError) return settle(parts, wanted, null, exchangeFailure(metadata));
  const view = await store.look(owner.grantOwner, target);
  if (!view || view.isLeased) return null;
  // Signing may have to make a key first.
  const actorToken = exchange.signActor && (await exchange.signActor(exchange.provider.issuer).catch(unsigned));
  const asked = Date.now();
  const ms = leaseGrantMs + env().outboundTimeoutMs + publishMs;
  const asksAnother = exchange.provider.id !== owner.provider.id;
  const lease = await store.lease(view.grantId, randomUUID(), { ms, inheritedMs: ms + lostHolderGraceMs, asksAnother });
  if (!lease) return null;
  const graceMs = lease.isInherited ? lostHolderGraceMs : 0;
  // Whoever let it run out and has something to write down comes first.
  if (lease.isInherited) await sleep(graceMs);
  // Both once more: a sibling may have exchanged, or refreshed what is exchanged here.
  const [current, subject] = await Promise.all([
    store.look(owner.grantOwner, target),
    store.look(owner.grantOwner, exchange.subject),
  ]).catch(async (error: unknown) => {
    await store.release(lease, 0);
    throw error;
  });
  const passedMs = Date.now() - asked;
  const isLate = passedMs > leaseGrantMs + graceMs;
  const kept = current?.token ?? null;
  const isThere = kept !== null && isFresh(kept) && fulfils(kept, wish);
  const subjectToken = subject?.token ?? null;
  if (isThere || isLate || subjectToken === null || !isAlive(subjectToken)) {
    await store.release(lease, 0);
    if (isThere) return granted(target, kept);
    return isLate ? "late" : null;
  }
  // By the wall's clock, as the lease: once it is over, another instance may be at it.
  const outcome = await withDeadline(wallDeadlineIn(ms + graceMs - passedMs - publishMs), () =>
    ask(wanted, { lease, metadata, subjectToken, actorToken }),
  );
  if (outcome.kind === "stale") {
    await untilWritten(wanted, () => store.release(lease, 0));
    return { ...outcome, subjectToken: subjectToken.accessToken };
  }
  return settle(parts, wanted, lease, outcome);
}

interface Taken {
  lease: Lease;
  metadata: Awaited<ReturnType<typeof getMetadata>>;
  subjectToken: KeptToken;
  actorToken: string | null;
}

type Failed = Exclude<ExchangeOutcome, { kind: "token" }>;
type Asked = Failed | (Extract<ExchangeOutcome, { kind: "token" }> & { proofKey: ProofKey | null });

/** RFC 9449, section 5: what is bound stays bound to its grant's key, whoever gives it. */
async function ask({ exchange }: WantedExchange, { lease, metadata, subjectToken, actorToken }: Taken): Promise<Asked> {
  const { provider, terms } = exchange;
  const mustBeBound = provider.dpop;
  const kept = subjectToken.proofKey ?? (mustBeBound ? lease.proofKey : null);
  const proofKey = kept ?? (mustBeBound ? await ProofKey.make() : null);
  const subject = subjectToken.accessToken;
  const outcome = await exchangeToken({
    provider,
    metadata,
    terms,
    subjectToken: subject,
    actorToken,
    proofKey,
    mustBeBound,
  });
  return outcome.kind === "token" ? { ...outcome, proofKey: outcome.isBound ? proofKey : null } : outcome;
}

/** Writes down what came of it, and gives the lease back. Null: it came too late. */
async function settle(
  parts: ExchangeParts,
  wanted: WantedExchange,
  lease: Lease | null,
  outcome: Asked,
): Promise<ExchangeAttempt> {
  const { owner, exchange, target } = wanted;
  const { store } = parts;
  switch (outcome.kind) {
    case "token": {
      const { accessToken, expiresAt, scope, proofKey } = outcome;
      const token = { target, accessToken, expiresAt, scope, proofKey };
      if (!lease || !(await untilWritten(wanted, () => store.keep(lease, token)))) return null;
      await note(parts, wanted, { event: "token.exchanged", outcome: "success" });
      return granted(target, token);
    }
    case "unavailable": {
      const retryAfterSeconds = Math.min(Math.max(outcome.retryAfterSeconds, 1), longestRetrySeconds);
      // Another provider's outage keeps nobody from the tokens of their own.
      const isOwn = exchange.provider.id === owner.provider.id;
      if (lease) await untilWritten(wanted, () => store.release(lease, isOwn ? retryAfterSeconds : 0));
      await note(parts, wanted, failed(outcome.code, outcome.cause));
      return { kind: "unavailable", code: outcome.code, retryAfterSeconds };
    }
    case "refused": {
      if (lease)
        await untilWritten(wanted, () =>
          isLost(outcome.code) ? store.refuse(lease, target) : store.release(lease, 0),
        );
      return refuseExchange(parts, wanted, outcome.code, outcome.cause);
    }
    case "stale":
      return refuseExchange(parts, wanted, "provider_error", outcome.cause);
  }
}

/** Says that a provider gives no token for this, and keeps that in mind for a moment. The session goes on. */
export async function refuseExchange(
  parts: ExchangeParts,
  wanted: WantedExchange,
  code: ErrorCode,
  cause: string,
): Promise<TokenFailure> {
  const refusal = { kind: "refused", code } as const;
  rememberRefusal(keyOf(wanted.owner, wanted.target), refusal);
  await note(parts, wanted, failed(code, cause));
  return refusal;
}

function failed(reason: ErrorCode, cause: string) {
  return { event: "service.denied", outcome: "failure", reason, cause } as const;
}

function note(
  { audit = auditAtOnce }: ExchangeParts,
  { owner: { userId, sessionHash }, exchange: { service, provider } }: WantedExchange,
  { cause, ...entry }: Pick<Parameters<typeof auditAtOnce>[0], "event" | "outcome" | "reason"> & { cause?: string },
): Promise<void> {
  const detail = { service, ...(cause && { cause }) };
  return audit({ ...entry, userId, sessionHash, provider: provider.id, issuer: provider.issuer, detail });
}

/** A key of this app's that does not open is nothing that a sign-in mends. */
function unsigned(error: unknown): never {
  if (!(error instanceof VaultError)) throw error;
  throw new Error("The actor's statement could not be signed.", { cause: error });
}

function asOidcError(error: unknown): OidcError {
  if (error instanceof OidcError) return error;
  throw error;
}
