import "server-only";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { afterResponse } from "../http/after-response";
import type { ActiveSession } from "../sessions/registry/active-session";
import { lockUser } from "../sessions/registry/end-sessions";
import { VaultError } from "../tokens/errors";
import { postgresStore } from "../tokens/postgres-store";
import { giveBack, revokeQuietly } from "../tokens/revoke-grants";
import type { TokenSet } from "../tokens/store";
import { endConnection, everything, ownerOf } from "./connection-token";
import { ServiceError } from "./errors";
import { findService } from "./registry";
import { type ConnectableService, isConnectable, providerOf } from "./service-provider";

/** A person's connection with a service. It belongs to them and not to a session, and it signs nobody in. */
export interface Connection {
  service: string;
  scopes: string[];
  /** What people call the account at the service, as far as it says; null where it names nobody. */
  account: string | null;
  since: Date;
  /** To the minute; null where it was never used. */
  lastUsedAt: Date | null;
}

/** What the token endpoint of a service answered, verified, and whom it is of, where the service names anybody. */
export type ConnectionTokens = TokenSet & { subject: string | null; accountLabel: string | null };

/** The connections of a person that can be used, one query: to a service that is set up, with a token or one to get one. */
export async function listConnections(userId: string): Promise<Connection[]> {
  const grants = await db.grant.findMany({
    where: {
      userId,
      service: { not: null },
      endedAt: null,
      OR: [{ sealedRefreshToken: { not: null } }, { accessTokens: { some: { expiresAt: { gt: new Date() } } } }],
    },
    select: {
      service: true,
      issuer: true,
      scope: true,
      subject: true,
      accountLabel: true,
      createdAt: true,
      lastUsedAt: true,
    },
  });
  return grants.flatMap(({ service: id, issuer, scope, subject, accountLabel, createdAt, lastUsedAt }) => {
    const service = findService(id ?? "");
    if (!service || !isConnectable(service) || providerOf(service).issuer !== issuer) return [];
    const account = accountLabel ?? subject;
    return [{ service: service.id, scopes: scopesOf(scope), account, since: createdAt, lastUsedAt }];
  });
}

// A service that says them with commas at a refresh does so.
function scopesOf(scope: string): string[] {
  return scope.split(/[ ,]+/).filter(Boolean);
}

/** The scopes that a person granted with a service, used up or not; none where nothing is connected. */
export async function getGrantedScopes(session: ActiveSession, service: ConnectableService): Promise<string[]> {
  const scope = await postgresStore().findScope(ownerOf(session, service).grantOwner);
  return scopesOf(scope ?? "");
}

/**
 * Keeps the tokens of a connection in place of those that it had before. What was granted before has to be among what is now.
 *
 * @throws ServiceError `session_revoked` where the session ended meanwhile: nothing is kept then
 */
export async function depositConnection(
  session: ActiveSession,
  service: ConnectableService,
  { subject, accountLabel, ...tokens }: ConnectionTokens,
): Promise<void> {
  const { userId, provider, issuer, sessionHash } = ownerOf(session, service);
  const former = await audited(async (tx, audit) => {
    // Two tabs that connect at once pass one after the other: each ends what the one before it left.
    await lockUser(tx, userId);
    const alive = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Session" WHERE id = ${session.id}::uuid AND "endedAt" IS NULL FOR SHARE`;
    if (alive.length === 0) throw new ServiceError("session_revoked");
    const store = postgresStore(tx);
    const whose = { userId, service: service.id };
    const withdrawn = await store.withdraw([whose], "replaced");
    await tx.grant.deleteMany({ where: { ...whose, endedAt: { not: null } } });
    await store.deposit({ ...whose, sessionId: null, provider: provider.id, issuer, subject, accountLabel }, tokens);
    await audit({
      event: "service.connected",
      outcome: "success",
      userId,
      sessionHash,
      provider: provider.id,
      issuer,
      detail: { service: service.id, scope: tokens.scope },
    });
    // Of the same account, nothing is revoked at the service yet: many count the tokens of one person and client as one
    // grant, the new ones among them.
    // They wait there, until it is disconnected.
    return withdrawn;
  });
  if (former.length > 0) afterResponse(() => revokeQuietly(former, [provider]));
}

/** Ends a person's connection, here and then at the service. Answers false where there was none. */
export async function disconnect(session: ActiveSession, service: ConnectableService): Promise<boolean> {
  const owner = ownerOf(session, service);
  // Where there is nothing else to revoke, the access token is what the service can still take back (RFC 7009, section 2).
  const view = await postgresStore()
    .look(owner.grantOwner, everything)
    .catch((error: unknown) => {
      if (error instanceof VaultError) return null;
      throw error;
    });
  const withdrawn = await endConnection(owner, {
    event: "service.disconnected",
    outcome: "success",
    detail: { service: service.id },
  });
  const refreshToken = view?.token?.accessToken ?? null;
  const others = withdrawn.filter((grant) => grant.refreshToken === null);
  afterResponse(async () => {
    await revokeQuietly(withdrawn, [owner.provider]);
    for (const grant of others) await giveBack({ ...grant, refreshToken }, owner.provider);
  });
  return withdrawn.length > 0;
}
