import "server-only";
import { randomUUID } from "node:crypto";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { keepForRevocation } from "./keep-for-revocation";
import { sealToken } from "./seal";
import { grantOwner, holderOf, type OwnedRow, open, openKey, openOrNull, sealKey, tokenOwner } from "./sealed-row";
import type { GrantOwner, GrantView, Lease, TokenStore, WithdrawnGrant } from "./store";
import { type BoundedStorage, tokenStorage } from "./token-storage";
import { type ErasedRow, tokensElsewhere } from "./tokens-elsewhere";

interface ViewRow extends Omit<GrantView, "token">, OwnedRow {
  token:
    | [
        id: string,
        sealedToken: string | null,
        expiresAt: string,
        grantedScope: string,
        ageMs: number,
        sealedKey: string | null,
      ]
    | null;
}

/**
 * The vault in PostgreSQL: tokens lie sealed, each bound to its row. Times and leases are the database's own, so that
 * instances need not agree on a clock.
 *
 * @param tx the transaction to work in; without it, each call is one of its own
 * @param storageOf where access tokens lie that can be fetched again, if not in their rows; what `daemun.hooks.ts` says, if absent
 */
export function postgresStore(
  tx: Prisma.TransactionClient = db,
  storageOf: () => BoundedStorage | null = tokenStorage,
): TokenStore {
  const { put, find, forget } = tokensElsewhere(storageOf);

  return {
    async deposit(owner, tokens) {
      const id = randomUUID();
      const tokenId = randomUUID();
      const { scope, expiresAt, refreshToken, idToken } = tokens;
      const holder = holderOf(owner);
      const { accessToken, proofKey = null } = tokens;
      const sealedToken = accessToken === null ? null : sealToken(accessToken, tokenOwner(tokenId, holder));
      // What cannot be fetched again stays here.
      const isKept = sealedToken !== null && refreshToken !== null && (await put(tokenId, sealedToken, expiresAt));
      const { userId, sessionId, service, provider, issuer, subject = null, accountLabel = null } = owner;
      const sealedIdToken = idToken === null ? null : sealToken(idToken, grantOwner(id, "idToken", holder));
      const sealedRefreshToken =
        refreshToken === null ? null : sealToken(refreshToken, grantOwner(id, "refreshToken", holder));
      // One statement, by hand: every sign-in waits for it.
      await tx.$executeRaw`
        WITH opened AS (
          INSERT INTO "Grant" (id, "userId", "sessionId", service, provider, issuer, subject, "accountLabel", scope,
            "refreshExpiresAt", "sealedIdToken", "sealedRefreshToken", "sealedProofKey", "createdAt", "updatedAt")
          VALUES (${id}::uuid, ${userId}::uuid, ${sessionId}::uuid, ${service}, ${provider}, ${issuer}, ${subject},
            ${accountLabel}, ${scope}, ${tokens.refreshExpiresAt ?? null}::timestamptz, ${sealedIdToken},
            ${sealedRefreshToken}, ${sealKey(proofKey, id, holder)}, clock_timestamp(), clock_timestamp())
          RETURNING id)
        INSERT INTO "AccessToken" (id, "grantId", scope, "grantedScope", "sealedToken", "expiresAt", "createdAt", "isBound")
        SELECT ${tokenId}::uuid, id, '', ${scope}, ${isKept ? null : sealedToken}, ${expiresAt}::timestamptz,
          clock_timestamp(), ${proofKey !== null}
        FROM opened WHERE ${sealedToken !== null}`;
    },

    async look(owner, { resource, organization, scope }) {
      // By hand, because pages wait for it: Prisma's own join costs more than all the rest, and planning a join costs
      // PostgreSQL more than carrying it out. A subquery is planned in half the time.
      const [row] = await tx.$queryRaw<ViewRow[]>`
        SELECT g.id AS "grantId", g."userId", g."sessionId", g.service, g.scope, g.subject, g."refreshCount", g."sealedRefreshToken" IS NOT NULL AS "isRefreshable",
          coalesce(g."leaseExpiresAt" > clock_timestamp(), false) AS "isLeased",
          greatest(0, ceil(extract(epoch FROM g."retryAt" - clock_timestamp())))::int AS "retryAfterSeconds",
          (extract(epoch FROM clock_timestamp() - g."updatedAt") * 1000)::float8 AS "renewedMsAgo",
          (SELECT json_build_array(t.id, t."sealedToken", t."expiresAt", t."grantedScope",
              extract(epoch FROM clock_timestamp() - t."createdAt") * 1000, CASE WHEN t."isBound" THEN g."sealedProofKey" END)
            FROM "AccessToken" t
            WHERE t."grantId" = g.id AND t.resource = ${resource} AND t.organization = ${organization}
              AND t.scope = ${scope}) AS token
        FROM "Grant" g WHERE ${ownedBy(owner)} AND g."endedAt" IS NULL LIMIT 1`;
      if (!row) return null;
      const { token, userId, sessionId, service, ...view } = row;
      if (!token) return { ...view, token };
      const [id, sealedToken, expiresAt, grantedScope, ageMs, sealedKey] = token;
      const holder = holderOf({ userId, sessionId, service });
      const sealedFor = tokenOwner(id, holder);
      const accessToken = await (sealedToken === null ? find(id, sealedFor) : open(sealedToken, sealedFor));
      if (accessToken === null) return { ...view, token: null };
      const proofKey = await openKey(sealedKey, view.grantId, holder);
      const kept = { accessToken, expiresAt: new Date(expiresAt), scope: grantedScope, ageMs };
      return { ...view, token: { ...kept, ...(proofKey && { proofKey }) } };
    },

    async findScope(owner) {
      const grant = await tx.grant.findFirst({ where: { ...owner, endedAt: null }, select: { scope: true } });
      return grant?.scope ?? null;
    },

    async lease(grantId, holder, { ms, inheritedMs, asksAnother = false }) {
      const [row] = await tx.$queryRaw<LeaseRow[]>`
        UPDATE "Grant" g SET "leaseHolder" = ${holder},
          "unansweredRefresh" = CASE WHEN before."leaseHolder" IS NULL THEN g."unansweredRefresh" ELSE g."refreshCount" END,
          "leaseExpiresAt" = clock_timestamp() + make_interval(secs => CASE WHEN before."leaseHolder" IS NULL
            THEN ${ms / 1000}::double precision ELSE ${inheritedMs / 1000}::double precision END)
        FROM (SELECT id, "leaseHolder" FROM "Grant" WHERE id = ${grantId}::uuid FOR UPDATE) before
        WHERE g.id = before.id AND g."endedAt" IS NULL
          AND (g."leaseExpiresAt" IS NULL OR g."leaseExpiresAt" <= clock_timestamp())
          AND (${asksAnother} OR g."retryAt" IS NULL OR g."retryAt" <= clock_timestamp())
        RETURNING g."userId", g."sessionId", g.service, g."refreshCount", g."sealedRefreshToken", g."sealedProofKey", before."leaseHolder" IS NOT NULL AS "isInherited",
          coalesce(g."unansweredRefresh" = g."refreshCount", false) AS "isUnanswered",
          (extract(epoch FROM clock_timestamp() - g."updatedAt") * 1000)::float8 AS "renewedMsAgo",
          coalesce(g."refreshExpiresAt" <= clock_timestamp(), false) AS "isPastEnd"`;
      if (!row) return null;
      const { sealedRefreshToken, sealedProofKey, userId, sessionId, service, ...taken } = row;
      const owner = holderOf({ userId, sessionId, service });
      const lease = { grantId, holder, owner, ...taken, proofKey: null };
      try {
        const refreshToken =
          sealedRefreshToken === null
            ? null
            : await open(sealedRefreshToken, grantOwner(grantId, "refreshToken", owner));
        return { ...lease, refreshToken, proofKey: await openKey(sealedProofKey, grantId, owner) };
      } catch (error) {
        await this.release({ ...lease, refreshToken: null }, 0);
        throw error;
      }
    },

    async publish(
      { grantId, refreshCount, owner },
      { refreshToken, refreshExpiresAt = null, idToken, grantScope, user, token, proofKey = null },
    ) {
      const sealedRefreshToken = sealToken(refreshToken, grantOwner(grantId, "refreshToken", owner));
      const sealedIdToken = idToken === null ? null : sealToken(idToken, grantOwner(grantId, "idToken", owner));
      const renewGrant = Prisma.sql`
        UPDATE "Grant" SET "sealedRefreshToken" = ${sealedRefreshToken}, "refreshExpiresAt" = ${refreshExpiresAt},
          "sealedIdToken" = coalesce(${sealedIdToken}, "sealedIdToken"),
          "sealedProofKey" = coalesce(${sealKey(proofKey, grantId, owner)}, "sealedProofKey"), scope = coalesce(${grantScope}, scope),
          "refreshCount" = "refreshCount" + 1, "leaseHolder" = NULL, "leaseExpiresAt" = NULL, "retryAt" = NULL,
          "updatedAt" = clock_timestamp()
        WHERE id = ${grantId}::uuid AND "endedAt" IS NULL AND "refreshCount" = ${refreshCount}`;
      if (!token) return (await tx.$executeRaw(renewGrant)) === 1;
      const { resource, organization, scope } = token.target;
      const id = randomUUID();
      const sealedToken = sealToken(token.accessToken, tokenOwner(id, owner));
      const isKept = await put(id, sealedToken, token.expiresAt);
      const renewUser = user
        ? Prisma.sql`, person AS (
            UPDATE "Session" s SET claims = ${JSON.stringify(user.claims)}::jsonb, roles = ${user.roles}
            FROM renewed WHERE s.id = renewed."sessionId" AND s."endedAt" IS NULL)`
        : Prisma.empty;
      // One statement, so that a crash leaves all of it or nothing.
      const written = await tx.$executeRaw`
        WITH renewed AS (${renewGrant} RETURNING id, "sessionId")${renewUser}
        INSERT INTO "AccessToken"
          (id, "grantId", resource, organization, scope, "grantedScope", "sealedToken", "expiresAt", "createdAt", "isBound")
        SELECT ${id}::uuid, id, ${resource}, ${organization}, ${scope}, ${token.scope},
          ${isKept ? null : sealedToken}, ${token.expiresAt}, clock_timestamp(), ${proofKey !== null}
        FROM renewed
        ON CONFLICT ("grantId", resource, organization, scope) DO UPDATE SET id = excluded.id,
          "grantedScope" = excluded."grantedScope", "sealedToken" = excluded."sealedToken",
          "expiresAt" = excluded."expiresAt", "createdAt" = excluded."createdAt", "isBound" = excluded."isBound"`;
      if (isKept && written !== 1) forget([{ id, isElsewhere: true }]);
      return written === 1;
    },

    async keep({ grantId, holder, owner }, { target, accessToken, expiresAt, scope, proofKey }) {
      const id = randomUUID();
      const sealedToken = sealToken(accessToken, tokenOwner(id, owner));
      const isKept = await put(id, sealedToken, expiresAt);
      // One statement: with the session over, or the lease another's, nothing is written.
      const written = await tx.$executeRaw`
        WITH mine AS (
          UPDATE "Grant" SET "leaseHolder" = NULL, "leaseExpiresAt" = NULL,
            "sealedProofKey" = coalesce("sealedProofKey", ${sealKey(proofKey, grantId, owner)})
          WHERE id = ${grantId}::uuid AND "endedAt" IS NULL AND "leaseHolder" = ${holder} RETURNING id)
        INSERT INTO "AccessToken"
          (id, "grantId", resource, organization, scope, "grantedScope", "sealedToken", "expiresAt", "createdAt", "isBound")
        SELECT ${id}::uuid, id, ${target.resource}, ${target.organization}, ${target.scope}, ${scope},
          ${isKept ? null : sealedToken}, ${expiresAt}, clock_timestamp(), ${proofKey !== null}
        FROM mine
        ON CONFLICT ("grantId", resource, organization, scope) DO UPDATE SET id = excluded.id,
          "grantedScope" = excluded."grantedScope", "sealedToken" = excluded."sealedToken",
          "expiresAt" = excluded."expiresAt", "createdAt" = excluded."createdAt", "isBound" = excluded."isBound"`;
      if (isKept && written !== 1) forget([{ id, isElsewhere: true }]);
      return written === 1;
    },

    async release({ grantId, holder }, retryAfterSeconds, { isUnanswered = false } = {}) {
      await tx.$executeRaw`
        UPDATE "Grant" SET "leaseHolder" = NULL, "leaseExpiresAt" = NULL,
          "unansweredRefresh" = CASE WHEN ${isUnanswered} THEN "refreshCount" ELSE "unansweredRefresh" END,
          "retryAt" = CASE WHEN ${retryAfterSeconds}::double precision > 0
            THEN clock_timestamp() + make_interval(secs => ${retryAfterSeconds}::double precision) ELSE "retryAt" END
        WHERE id = ${grantId}::uuid AND "leaseHolder" = ${holder}`;
    },

    async refuse({ grantId, holder }, { resource, organization, scope }) {
      const erased = await tx.$queryRaw<ErasedRow[]>`
        WITH mine AS (
          UPDATE "Grant" SET "leaseHolder" = NULL, "leaseExpiresAt" = NULL
          WHERE id = ${grantId}::uuid AND "leaseHolder" = ${holder} RETURNING id)
        DELETE FROM "AccessToken" t USING mine
        WHERE t."grantId" = mine.id AND t.resource = ${resource} AND t.organization = ${organization} AND t.scope = ${scope}
        RETURNING t.id, t."sealedToken" IS NULL AS "isElsewhere"`;
      forget(erased);
    },

    async end({ grantId, holder, refreshCount }, reason) {
      // The ID token stays: signing out at the provider names it.
      const ended = await tx.$queryRaw<(Partial<ErasedRow> & { grantId: string })[]>`
        WITH ended AS (
          UPDATE "Grant" SET "endedAt" = clock_timestamp(), "endReason" = ${reason}, "sealedRefreshToken" = NULL,
            "sealedProofKey" = NULL, "userInfo" = NULL, "accountLabel" = NULL, "leaseHolder" = NULL, "leaseExpiresAt" = NULL
          WHERE id = ${grantId}::uuid AND "endedAt" IS NULL AND "refreshCount" = ${refreshCount}
            AND "leaseHolder" = ${holder} RETURNING id
        ), erased AS (
          DELETE FROM "AccessToken" t USING ended WHERE t."grantId" = ended.id
          RETURNING t.id, t."sealedToken" IS NULL AS "isElsewhere")
        SELECT ended.id AS "grantId", erased.id, erased."isElsewhere" FROM ended LEFT JOIN erased ON true`;
      forget(ended);
      return ended.length > 0;
    },

    async withdraw(owners, reason, { isToRevoke = () => true } = {}) {
      if (owners.length === 0) return [];
      // Locked, so that a refresh that is about to be published comes before this, and is withdrawn too, or too late.
      const grants = await tx.$queryRaw<WithdrawnRow[]>`
        SELECT g.id, g."userId", g."sessionId", g.service, g.provider, coalesce(g.issuer, s.issuer) AS issuer,
          coalesce(g.subject, s.subject) AS subject, g.scope,
          g."sealedRefreshToken", g."sealedIdToken"
        FROM "Grant" g LEFT JOIN "Session" s ON s.id = g."sessionId"
        WHERE ${ownedByOneOf(owners)} AND (g."endedAt" IS NULL OR g."sealedIdToken" IS NOT NULL)
        ORDER BY g.id FOR UPDATE OF g`;
      const ids = grants.map(({ id }) => id);
      if (ids.length === 0) return [];
      forget(
        await tx.$queryRaw<ErasedRow[]>`
          DELETE FROM "AccessToken" WHERE "grantId" = ANY(${ids}::uuid[])
          RETURNING id, "sealedToken" IS NULL AS "isElsewhere"`,
      );
      await tx.$executeRaw`
        UPDATE "Grant" SET "endedAt" = coalesce("endedAt", clock_timestamp()),
          "endReason" = coalesce("endReason", ${reason}), "sealedRefreshToken" = NULL, "sealedIdToken" = NULL,
          "sealedProofKey" = NULL, "userInfo" = NULL, "accountLabel" = NULL, "leaseHolder" = NULL, "leaseExpiresAt" = NULL
        WHERE id = ANY(${ids}::uuid[])`;
      const ended = grants.map(withdrawn);
      await keepForRevocation(
        tx,
        ended.filter(({ scope }) => isToRevoke(scope)),
      );
      return ended;
    },

    async keepUserInfo(owner, claims) {
      await tx.$executeRaw`
        UPDATE "Grant" g SET "userInfo" = ${JSON.stringify(claims)}::jsonb, "userInfoAt" = clock_timestamp()
        WHERE ${ownedBy(owner)} AND g."endedAt" IS NULL`;
    },

    async findUserInfo(owner, maxAgeSeconds) {
      const [row] = await tx.$queryRaw<{ userInfo: Record<string, unknown> | null }[]>`
        SELECT g."userInfo" FROM "Grant" g WHERE ${ownedBy(owner)} AND g."endedAt" IS NULL
          AND g."userInfoAt" > clock_timestamp() - make_interval(secs => ${maxAgeSeconds}::double precision) LIMIT 1`;
      return row?.userInfo ?? null;
    },
  };
}

function ownedBy(owner: GrantOwner): Prisma.Sql {
  if ("sessionId" in owner) return Prisma.sql`g."sessionId" = ${owner.sessionId}::uuid`;
  const byWhom = owner.issuer === undefined ? Prisma.empty : Prisma.sql` AND g.issuer = ${owner.issuer}`;
  return Prisma.sql`g."userId" = ${owner.userId}::uuid AND g.service = ${owner.service}${byWhom}`;
}

function ownedByOneOf(owners: readonly GrantOwner[]): Prisma.Sql {
  const sessionIds = owners.flatMap((owner) => ("sessionId" in owner ? owner.sessionId : []));
  // "Everywhere" may end a thousand sessions: one parameter, whatever their number.
  const ofSessions = Prisma.sql`g."sessionId" = ANY(${sessionIds}::uuid[])`;
  const ofUsers = owners.filter((owner) => !("sessionId" in owner)).map((owner) => Prisma.sql`(${ownedBy(owner)})`);
  return Prisma.sql`(${Prisma.join([...(sessionIds.length > 0 ? [ofSessions] : []), ...ofUsers], " OR ")})`;
}

interface LeaseRow extends Omit<Lease, "grantId" | "holder" | "owner" | "refreshToken" | "proofKey">, OwnedRow {
  sealedRefreshToken: string | null;
  sealedProofKey: string | null;
}

interface WithdrawnRow extends Omit<WithdrawnGrant, "refreshToken" | "idToken"> {
  id: string;
  service: string | null;
  sealedRefreshToken: string | null;
  sealedIdToken: string | null;
}

function withdrawn({ id, service, sealedRefreshToken, sealedIdToken, ...grant }: WithdrawnRow): WithdrawnGrant {
  const holder = holderOf({ ...grant, service });
  return {
    ...grant,
    refreshToken: openOrNull(sealedRefreshToken, grantOwner(id, "refreshToken", holder)),
    idToken: openOrNull(sealedIdToken, grantOwner(id, "idToken", holder)),
  };
}
