import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { auditAtOnce } from "../audit/audit";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { log } from "../http/log";
import type { TokenTarget } from "../oidc/dialects";
import { granted, reauthenticationRequired, type TokenOutcome } from "./outcome";
import type { SessionHooks, TokenOwner } from "./owner";
import type { RefreshOutcome } from "./refresh";
import { revokeQuietly } from "./revoke-grants";
import type { Lease, Renewal, TokenStore } from "./store";

interface Refreshed {
  owner: TokenOwner;
  target: TokenTarget;
  lease: Lease;
}

// Bounds what a provider may ask for: it would keep people from their tokens for that long.
const longestRetrySeconds = 300;

/** Writes down what came of a refresh, gives the lease back, and says so in the audit trail. Null: somebody was faster. */
export async function settle(
  { store, hooks }: { store: TokenStore; hooks: SessionHooks },
  refreshed: Refreshed,
  outcome: RefreshOutcome,
): Promise<TokenOutcome | null> {
  const { owner, target, lease } = refreshed;
  switch (outcome.kind) {
    case "renewed": {
      const { renewal, idToken } = outcome;
      // Before the lease goes back, so that of two refreshes the later one has the last word.
      if (idToken) await untilWritten(refreshed, () => hooks.renewClaims(owner, idToken));
      if (!(await publish(store, refreshed, renewal))) return null;
      await note(refreshed, { event: "token.refreshed", outcome: "success" });
      return granted(target, renewal.token);
    }
    case "unusable": {
      const { code, cause } = outcome;
      if (!(await publish(store, refreshed, outcome.renewal))) return null;
      await noteFailure(refreshed, code, cause);
      const isAway = code === "provider_unavailable" || code === "provider_timeout";
      return isAway ? { kind: "unavailable", code, retryAfterSeconds: 1 } : { kind: "refused", code };
    }
    case "rejected":
      // Too late: a sibling has published a newer token, and this one was the one before.
      if (!(await store.end(lease, outcome.cause))) return null;
      await noteFailure(refreshed, "reauthentication_required", outcome.cause);
      return reauthenticationRequired;
    case "refused":
      await store.release(lease, 0);
      await noteFailure(refreshed, outcome.code, outcome.cause);
      return { kind: "refused", code: outcome.code };
    case "unavailable": {
      const { code, cause } = outcome;
      const retryAfterSeconds = Math.min(Math.max(outcome.retryAfterSeconds, 1), longestRetrySeconds);
      await store.release(lease, retryAfterSeconds);
      await noteFailure(refreshed, code, cause);
      return { kind: "unavailable", code, retryAfterSeconds };
    }
    case "switched": {
      await untilWritten(refreshed, () => hooks.endSwitched(owner, outcome.cause));
      const { refreshToken } = outcome;
      afterResponse(() => revokeQuietly([{ provider: owner.provider.id, refreshToken }]));
      return reauthenticationRequired;
    }
  }
}

async function publish(store: TokenStore, refreshed: Refreshed, renewal: Renewal): Promise<boolean> {
  const isPublished = await untilWritten(refreshed, () => store.publish(refreshed.lease, renewal));
  if (!isPublished) await discard(store, refreshed, renewal);
  return isPublished;
}

// A refresh token that was replaced and not written down is lost, and its person signed out. So this tries again for as
// long as the lease keeps others away, and a while longer: the first to publish wins.
const patienceMs = 30_000;

/** Writes, and tries again while the database is away. */
async function untilWritten<T>({ owner }: Refreshed, write: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseUnavailable(error) || Date.now() > until) throw error;
      log.warn("token.waits_for_database", { provider: owner.provider.id });
      await sleep(pauseMs);
    }
  }
}

/** The person signed out meanwhile: what came is nobody's. Where a sibling was faster, it belongs to a living grant. */
async function discard(store: TokenStore, { owner, target }: Refreshed, { refreshToken }: Renewal): Promise<void> {
  if (await store.look(owner.sessionId, target)) return;
  afterResponse(() => revokeQuietly([{ provider: owner.provider.id, refreshToken }]));
}

function noteFailure(refreshed: Refreshed, reason: Extract<TokenOutcome, { code: string }>["code"], cause: string) {
  return note(refreshed, { event: "token.refresh_failed", outcome: "failure", reason, cause });
}

function note(
  { owner: { userId, sessionHash, provider, issuer }, target: { resource, organization } }: Refreshed,
  { cause, ...entry }: Pick<Parameters<typeof auditAtOnce>[0], "event" | "outcome" | "reason"> & { cause?: string },
): Promise<void> {
  const detail = { resource: resource || null, organization: organization || null, ...(cause && { cause }) };
  return auditAtOnce({ ...entry, userId, sessionHash, provider: provider.id, issuer, detail });
}
