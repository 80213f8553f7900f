import "server-only";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import type { ActiveSession } from "../sessions/session-state";
import { createBroker, type Wish } from "../tokens/broker";
import type { TokenOutcome } from "../tokens/outcome";
import type { TokenOwner } from "../tokens/owner";
import { postgresStore } from "../tokens/postgres-store";
import { revokeQuietly } from "../tokens/revoke-grants";
import type { TokenSet, WithdrawnGrant } from "../tokens/store";
import { type ConnectableService, providerOf } from "./service-provider";

/** A person's connection with a service. It belongs to them and not to a session, and it signs nobody in. */
export interface Connection {
  service: string;
  scopes: string[];
  since: Date;
  /** To the minute; null where it was never used. */
  lastUsedAt: Date | null;
}

/** The living connections of a person, one query. */
export async function listConnections(userId: string): Promise<Connection[]> {
  const grants = await db.grant.findMany({
    where: { userId, service: { not: null }, endedAt: null },
    select: { service: true, scope: true, createdAt: true, lastUsedAt: true },
  });
  return grants.map(({ service, scope, createdAt, lastUsedAt }) => ({
    service: service ?? "",
    scopes: scope.split(" ").filter(Boolean),
    since: createdAt,
    lastUsedAt,
  }));
}

const broker = createBroker({
  store: postgresStore(),
  hooks: {
    renewPerson: async () => null,
    endSwitched: async (owner, cause) => {
      await endConnection(owner, {
        event: "security.identity_switch",
        outcome: "failure",
        reason: "identity_mismatch",
        detail: { cause },
      });
    },
  },
});

const everything = { resource: "", organization: "", scope: "" };

/** The access token of a person's connection. `reauthentication_required` where there is none, or none any more. */
export async function getConnectionToken(
  session: ActiveSession,
  service: ConnectableService,
  wish?: NonNullable<Wish>,
): Promise<TokenOutcome> {
  const owner = ownerOf(session, service);
  const outcome = await (wish ? broker.renewToken(owner, everything, wish) : broker.getToken(owner, everything));
  if (outcome.kind === "token") afterResponse(() => noteUse(owner));
  return outcome;
}

/** Keeps the tokens of a connection in place of those that it had before. What was granted before has to be among what is now. */
export async function depositConnection(
  session: ActiveSession,
  service: ConnectableService,
  { subject, ...tokens }: TokenSet & { subject: string | null },
): Promise<void> {
  const { userId, provider, issuer, grantOwner, sessionHash } = ownerOf(session, service);
  await audited(async (tx, audit) => {
    const store = postgresStore(tx);
    // Not revoked at the service: many count the tokens of one person and client as one grant, the new ones among them.
    await store.withdraw([grantOwner], "replaced");
    await store.deposit(
      { userId, sessionId: null, service: service.id, provider: provider.id, issuer, subject },
      tokens,
    );
    await audit({
      event: "service.connected",
      outcome: "success",
      userId,
      sessionHash,
      provider: provider.id,
      issuer,
      detail: { service: service.id, scope: tokens.scope },
    });
  });
}

/** Ends a person's connection, here and then at the service. Answers false where there was none. */
export async function disconnect(session: ActiveSession, service: ConnectableService): Promise<boolean> {
  const withdrawn = await endConnection(ownerOf(session, service), {
    event: "service.disconnected",
    outcome: "success",
    detail: { service: service.id },
  });
  const provider = providerOf(service);
  afterResponse(() => revokeQuietly(withdrawn, [provider]));
  return withdrawn.length > 0;
}

async function endConnection(
  { userId, sessionHash, provider, issuer, grantOwner }: TokenOwner,
  entry: Pick<Parameters<Parameters<Parameters<typeof audited>[0]>[1]>[0], "event" | "outcome" | "reason" | "detail">,
): Promise<WithdrawnGrant[]> {
  return audited(async (tx, audit) => {
    const withdrawn = await postgresStore(tx).withdraw([grantOwner], entry.event);
    if (withdrawn.length > 0) await audit({ ...entry, userId, sessionHash, provider: provider.id, issuer });
    return withdrawn;
  });
}

function ownerOf({ user, hash }: ActiveSession, service: ConnectableService): TokenOwner {
  const provider = providerOf(service);
  return {
    grantOwner: { userId: user.id, service: service.id },
    sessionHash: hash,
    userId: user.id,
    provider,
    issuer: provider.issuer,
    // The grant's row knows whom the service named.
    subject: null,
  };
}

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
