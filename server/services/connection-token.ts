import "server-only";
import { type AuditEntry, audited } from "../audit/audit";
import { db } from "../db/client";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import type { ActiveSession } from "../sessions/registry/active-session";
import { lockUser } from "../sessions/registry/end-sessions";
import { createBroker, type Wish } from "../tokens/broker";
import type { TokenOutcome } from "../tokens/outcome";
import type { TokenOwner } from "../tokens/owner";
import { postgresStore } from "../tokens/postgres-store";
import type { WithdrawnGrant } from "../tokens/store";
import { type ConnectableService, providerOf } from "./service-provider";

const store = postgresStore();
const broker = createBroker({
  store,
  hooks: {
    renewUser: async () => null,
    renewRoles: async () => "done",
    endRefused: (_, lease, cause) => store.end(lease, cause),
    endSwitched: async (owner, cause) => {
      await endConnection(owner, {
        event: "security.identity_switch",
        outcome: "failure",
        reason: "identity_mismatch",
        detail: { service: serviceOf(owner), cause },
      });
    },
  },
});

/** A connection has one token for all that was granted. */
export const everything = { resource: "", organization: "", scope: "" };

/** The access token of a person's connection. `reauthentication_required` where there is none, or none any more. */
export async function getConnectionToken(
  session: ActiveSession,
  service: ConnectableService,
  wish?: NonNullable<Wish>,
): Promise<TokenOutcome> {
  const owner = ownerOf(session, service);
  const outcome = await (wish ? broker.renewToken(owner, everything, wish) : broker.getToken(owner, everything));
  if (outcome.kind === "token") afterResponse(() => noteUse(owner));
  else if (wish && "other" in wish) await endIfUsedUp(owner, wish.other);
  return outcome;
}

/** A token that the service refuses and that nothing renews is good for nothing: the person has to connect again. */
async function endIfUsedUp(owner: TokenOwner, refused: string): Promise<void> {
  try {
    const view = await postgresStore().look(owner.grantOwner, everything);
    if (!view || view.isRefreshable || view.token?.accessToken !== refused) return;
    await endConnection(owner, {
      event: "token.refresh_failed",
      outcome: "failure",
      reason: "reauthentication_required",
      detail: { service: serviceOf(owner), cause: "refused_by_service" },
    });
  } catch (error) {
    log.warn("connection.not_ended", { cause: describeError(error) });
  }
}

/** Notes that a connection was used, to the minute. A failure is a line in the log. */
async function noteUse({ grantOwner }: TokenOwner): Promise<void> {
  if (!("service" in grantOwner)) return;
  const minuteAgo = new Date(Date.now() - 60_000);
  try {
    await db.grant.updateMany({
      where: { ...grantOwner, endedAt: null, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: minuteAgo } }] },
      data: { lastUsedAt: new Date() },
    });
  } catch (error) {
    log.warn("connection.use_not_noted", { cause: describeError(error) });
  }
}

/** Ends a connection here, with its audit row if there was one. */
export async function endConnection(
  { userId, sessionHash, provider, issuer, grantOwner }: TokenOwner,
  entry: Pick<AuditEntry, "event" | "outcome" | "reason" | "detail">,
): Promise<WithdrawnGrant[]> {
  return audited(async (tx, audit) => {
    await lockUser(tx, userId);
    const withdrawn = await postgresStore(tx).withdraw([grantOwner], entry.event);
    if (withdrawn.length > 0) await audit({ ...entry, userId, sessionHash, provider: provider.id, issuer });
    return withdrawn;
  });
}

/** Whose tokens a connection's are. */
export function ownerOf({ user, hash }: ActiveSession, service: ConnectableService): TokenOwner {
  const provider = providerOf(service);
  return {
    // What another issuer gave, under the same id, is not for this one to see.
    grantOwner: { userId: user.id, service: service.id, issuer: provider.issuer },
    sessionHash: hash,
    userId: user.id,
    provider,
    issuer: provider.issuer,
    // The grant's row knows whom the service named.
    subject: null,
  };
}

function serviceOf({ grantOwner }: TokenOwner): string {
  return "service" in grantOwner ? grantOwner.service : "";
}
