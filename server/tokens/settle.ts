import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorCode } from "@/edge/error-codes";
import { auditAtOnce } from "../audit/audit";
import { isDeadlock } from "../db/deadlock";
import { databaseFailureCode } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import type { TokenTarget } from "../oidc/dialects";
import type { IdTokenClaims } from "../oidc/id-token";
import { granted, reauthenticationRequired, type TokenOutcome } from "./outcome";
import type { SessionHooks, TokenOwner } from "./owner";
import type { RefreshOutcome } from "./refresh";
import { rememberRefusal } from "./refusals";
import { giveBack } from "./revoke-grants";
import type { Lease, Renewal, TokenStore } from "./store";

export interface SettleParts {
  store: TokenStore;
  hooks: SessionHooks;
  /** Writes a row of the audit trail. */
  audit?: typeof auditAtOnce;
}

interface Refreshed {
  audit: typeof auditAtOnce;
  owner: TokenOwner;
  target: TokenTarget;
  lease: Lease;
  /** Names owner and target. */
  key: string;
}

// Bounds what a provider may ask for: it would keep people from their tokens for that long.
const longestRetrySeconds = 300;

/** Writes down what came of a refresh, gives the lease back, and says so in the audit trail. Null: somebody was faster. */
export async function settle(
  { store, hooks, audit = auditAtOnce }: SettleParts,
  given: Omit<Refreshed, "audit">,
  outcome: RefreshOutcome,
): Promise<TokenOutcome | null> {
  const refreshed = { ...given, audit };
  const { owner, target, lease } = refreshed;
  switch (outcome.kind) {
    case "renewed": {
      const { idToken } = outcome;
      const user = idToken && (await renewedUser(hooks, refreshed, idToken));
      const renewal = { ...outcome.renewal, user };
      if (!(await publish(store, refreshed, renewal))) return null;
      await note(refreshed, { event: "token.refreshed", outcome: "success" });
      return granted(target, { ...renewal.token, proofKey: renewal.proofKey ?? null });
    }
    case "unusable": {
      const { code, cause } = outcome;
      if (!(await publish(store, refreshed, outcome.renewal))) return null;
      await noteFailure(refreshed, code, cause);
      const isAway = code === "provider_unavailable" || code === "provider_timeout";
      return isAway ? { kind: "unavailable", code, retryAfterSeconds: 1 } : refuse(refreshed, code);
    }
    case "rejected":
      // Too late: a sibling is at it or has published, and this token was the one before.
      if (!(await untilWritten(refreshed, () => hooks.endRefused(owner, lease, outcome.cause)))) return null;
      await noteFailure(refreshed, "reauthentication_required", outcome.cause);
      return reauthenticationRequired;
    case "refused":
      await untilWritten(refreshed, () =>
        isLost(outcome.code) ? store.refuse(lease, target) : store.release(lease, 0),
      );
      await noteFailure(refreshed, outcome.code, outcome.cause);
      return refuse(refreshed, outcome.code);
    case "unavailable": {
      const { code, cause, isUnanswered } = outcome;
      const retryAfterSeconds = Math.min(Math.max(outcome.retryAfterSeconds, 1), longestRetrySeconds);
      await untilWritten(refreshed, () => store.release(lease, retryAfterSeconds, { isUnanswered }));
      await noteFailure(refreshed, code, cause);
      return { kind: "unavailable", code, retryAfterSeconds };
    }
    case "switched": {
      await untilWritten(refreshed, () => hooks.endSwitched(owner, outcome.cause));
      const { refreshToken } = outcome;
      // Whose it is nobody knows: not this user's.
      giveBackLater({ ...owner, userId: null, subject: null }, refreshToken);
      return reauthenticationRequired;
    }
  }
}

/** Whether the person may not have this token any more, in place of nobody being able to get it now. */
export function isLost(code: ErrorCode): boolean {
  return code === "forbidden" || code === "unknown_resource" || code === "unknown_organization";
}

function refuse({ key }: Refreshed, code: ErrorCode): TokenOutcome {
  const refusal = { kind: "refused", code } as const;
  rememberRefusal(key, refusal);
  return refusal;
}

/** Nothing that is read or judged here may cost the tokens that came. */
async function renewedUser(hooks: SessionHooks, { owner, target }: Refreshed, idToken: IdTokenClaims) {
  // Asked for less, an ID token says less.
  if (target.scope !== "") return null;
  try {
    return await hooks.renewUser(owner, idToken);
  } catch (error) {
    log.warn("session.not_renewed", { cause: describeError(error) });
    return null;
  }
}

async function publish(store: TokenStore, refreshed: Refreshed, renewal: Renewal): Promise<boolean> {
  const isPublished = await untilWritten(refreshed, () => store.publish(refreshed.lease, renewal));
  if (!isPublished) await discard(store, refreshed, renewal);
  return isPublished;
}

// A refresh token that was replaced and not written down is lost, and its person signed out. While the database is away
// nobody can take the lease; when it is back, whoever inherits that waits longer than this pauses.
const publishRetryMs = 30_000;

/** Writes, and tries again while the database is away. */
export async function untilWritten<T>({ owner }: { owner: TokenOwner }, write: () => Promise<T>): Promise<T> {
  const until = Date.now() + publishRetryMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 400)) {
    try {
      return await write();
    } catch (error) {
      const isPassing = databaseFailureCode(error) !== "internal_error" || isDeadlock(error);
      if (!isPassing || Date.now() > until) throw error;
      log.warn("token.waits_for_database", { provider: owner.provider.id });
      await sleep(pauseMs);
    }
  }
}

/** The person signed out meanwhile: what came is nobody's. Where a sibling was faster, it belongs to a living grant. */
async function discard(store: TokenStore, { owner, target }: Refreshed, { refreshToken }: Renewal): Promise<void> {
  const isAlive = await store.look(owner.grantOwner, target).catch(() => true);
  if (isAlive) return;
  giveBackLater(owner, refreshToken);
}

type Former = Pick<TokenOwner, "provider" | "issuer" | "subject"> & { userId: string | null };

function giveBackLater({ provider, issuer, subject, userId }: Former, refreshToken: string): void {
  afterResponse(() => giveBack({ provider: provider.id, issuer, subject, userId, refreshToken }, provider));
}

function noteFailure(refreshed: Refreshed, reason: ErrorCode, cause: string) {
  return note(refreshed, { event: "token.refresh_failed", outcome: "failure", reason, cause });
}

function note(
  { audit, owner: { userId, sessionHash, provider, issuer }, target: { resource, organization } }: Refreshed,
  { cause, ...entry }: Pick<Parameters<typeof auditAtOnce>[0], "event" | "outcome" | "reason"> & { cause?: string },
): Promise<void> {
  const detail = { resource: resource || null, organization: organization || null, ...(cause && { cause }) };
  return audit({ ...entry, userId, sessionHash, provider: provider.id, issuer, detail });
}
