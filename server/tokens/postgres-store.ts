import "server-only";
import { randomUUID } from "node:crypto";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { noteBrokenSeal } from "./broken-seal";
import { openToken, type SealOwner, sealToken } from "./seal";
import type { GrantOwner, GrantView, TokenStore, WithdrawnGrant } from "./store";

interface ViewRow extends Omit<GrantView, "token"> {
  token: [id: string, sealedToken: string, expiresAt: string, grantedScope: string, ageMs: number] | null;
}

/**
 * The vault in PostgreSQL: tokens lie sealed, each bound to its row. Times and leases are the database's own, so that
 * instances need not agree on a clock.
 *
 * @param tx the transaction to work in; without it, each call is one of its own
 */
export function postgresStore(tx: Prisma.TransactionClient = db): TokenStore {
  return {
    async deposit(owner, tokens) {
      const id = randomUUID();
      const tokenId = randomUUID();
      const { scope, expiresAt, refreshToken, idToken } = tokens;
      const sealedToken = sealToken(tokens.accessToken, tokenOwner(tokenId));
      await tx.grant.create({
        data: {
          ...owner,
          id,
          scope,
          sealedIdToken: idToken === null ? null : sealToken(idToken, grantOwner(id, "idToken")),
          sealedRefreshToken: refreshToken === null ? null : sealToken(refreshToken, grantOwner(id, "refreshToken")),
          accessTokens: { create: { id: tokenId, scope: "", grantedScope: scope, expiresAt, sealedToken } },
        },
      });
    },

    async look(owner, { resource, organization, scope }) {
      // By hand, because pages wait for it: Prisma's own join costs more than all the rest, and planning a join costs
      // PostgreSQL more than carrying it out. A subquery is planned in half the time.
      const [row] = await tx.$queryRaw<ViewRow[]>`
        SELECT g.id AS "grantId", g.scope, g.subject, g."refreshCount", g."sealedRefreshToken" IS NOT NULL AS "isRefreshable",
          coalesce(g."leaseExpiresAt" > clock_timestamp(), false) AS "isLeased",
          greatest(0, ceil(extract(epoch FROM g."retryAt" - clock_timestamp())))::int AS "retryAfterSeconds",
          (SELECT json_build_array(t.id, t."sealedToken", t."expiresAt", t."grantedScope",
              extract(epoch FROM clock_timestamp() - t."createdAt") * 1000)
            FROM "AccessToken" t
            WHERE t."grantId" = g.id AND t.resource = ${resource} AND t.organization = ${organization}
              AND t.scope = ${scope}) AS token
        FROM "Grant" g WHERE ${ownedBy(owner)} AND g."endedAt" IS NULL LIMIT 1`;
      if (!row) return null;
      const { token, ...view } = row;
      if (!token) return { ...view, token };
      const [id, sealedToken, expiresAt, grantedScope, ageMs] = token;
      const accessToken = await open(sealedToken, tokenOwner(id));
      return { ...view, token: { accessToken, expiresAt: new Date(expiresAt), scope: grantedScope, ageMs } };
    },

    async findScope(owner) {
      const grant = await tx.grant.findFirst({ where: { ...owner, endedAt: null }, select: { scope: true } });
      return grant?.scope ?? null;
    },

    async lease(grantId, holder, { ms, inheritedMs }) {
      const [row] = await tx.$queryRaw<LeaseRow[]>`
        UPDATE "Grant" g SET "leaseHolder" = ${holder},
          "leaseExpiresAt" = clock_timestamp() + make_interval(secs => CASE WHEN before."leaseHolder" IS NULL
            THEN ${ms / 1000}::double precision ELSE ${inheritedMs / 1000}::double precision END)
        FROM (SELECT id, "leaseHolder" FROM "Grant" WHERE id = ${grantId}::uuid FOR UPDATE) before
        WHERE g.id = before.id AND g."endedAt" IS NULL
          AND (g."leaseExpiresAt" IS NULL OR g."leaseExpiresAt" <= clock_timestamp())
          AND (g."retryAt" IS NULL OR g."retryAt" <= clock_timestamp())
        RETURNING g."refreshCount", g."sealedRefreshToken", before."leaseHolder" IS NOT NULL AS "isInherited"`;
      if (!row) return null;
      const { refreshCount, isInherited } = row;
      const lease = { grantId, holder, refreshCount, isInherited };
      if (row.sealedRefreshToken === null) return { ...lease, refreshToken: null };
      try {
        return { ...lease, refreshToken: await open(row.sealedRefreshToken, grantOwner(grantId, "refreshToken")) };
      } catch (error) {
        await this.release({ ...lease, refreshToken: null }, 0);
        throw error;
      }
    },

    async publish({ grantId, refreshCount }, { refreshToken, idToken, grantScope, person, token }) {
      const sealedRefreshToken = sealToken(refreshToken, grantOwner(grantId, "refreshToken"));
      const sealedIdToken = idToken === null ? null : sealToken(idToken, grantOwner(grantId, "idToken"));
      const renewGrant = Prisma.sql`
        UPDATE "Grant" SET "sealedRefreshToken" = ${sealedRefreshToken},
          "sealedIdToken" = coalesce(${sealedIdToken}, "sealedIdToken"), scope = coalesce(${grantScope}, scope),
          "refreshCount" = "refreshCount" + 1, "leaseHolder" = NULL, "leaseExpiresAt" = NULL, "retryAt" = NULL,
          "updatedAt" = clock_timestamp()
        WHERE id = ${grantId}::uuid AND "endedAt" IS NULL AND "refreshCount" = ${refreshCount}`;
      if (!token) return (await tx.$executeRaw(renewGrant)) === 1;
      const { resource, organization, scope } = token.target;
      const id = randomUUID();
      const renewPerson = person
        ? Prisma.sql`, person AS (
            UPDATE "Session" s SET claims = ${JSON.stringify(person.claims)}::jsonb, roles = ${person.roles}
            FROM renewed WHERE s.id = renewed."sessionId" AND s."endedAt" IS NULL)`
        : Prisma.empty;
      // One statement, so that a crash leaves all of it or nothing.
      const written = await tx.$executeRaw`
        WITH renewed AS (${renewGrant} RETURNING id, "sessionId")${renewPerson}
        INSERT INTO "AccessToken"
          (id, "grantId", resource, organization, scope, "grantedScope", "sealedToken", "expiresAt", "createdAt")
        SELECT ${id}::uuid, id, ${resource}, ${organization}, ${scope}, ${token.scope},
          ${sealToken(token.accessToken, tokenOwner(id))}, ${token.expiresAt}, clock_timestamp() FROM renewed
        ON CONFLICT ("grantId", resource, organization, scope) DO UPDATE SET id = excluded.id,
          "grantedScope" = excluded."grantedScope", "sealedToken" = excluded."sealedToken",
          "expiresAt" = excluded."expiresAt", "createdAt" = excluded."createdAt"`;
      return written === 1;
    },

    async release({ grantId, holder }, retryAfterSeconds) {
      await tx.$executeRaw`
        UPDATE "Grant" SET "leaseHolder" = NULL, "leaseExpiresAt" = NULL,
          "retryAt" = CASE WHEN ${retryAfterSeconds}::double precision > 0
            THEN clock_timestamp() + make_interval(secs => ${retryAfterSeconds}::double precision) ELSE "retryAt" END
        WHERE id = ${grantId}::uuid AND "leaseHolder" = ${holder}`;
    },

    async refuse({ grantId, holder }, { resource, organization, scope }) {
      await tx.$executeRaw`
        WITH mine AS (
          UPDATE "Grant" SET "leaseHolder" = NULL, "leaseExpiresAt" = NULL
          WHERE id = ${grantId}::uuid AND "leaseHolder" = ${holder} RETURNING id)
        DELETE FROM "AccessToken" t USING mine
        WHERE t."grantId" = mine.id AND t.resource = ${resource} AND t.organization = ${organization} AND t.scope = ${scope}`;
    },

    async end({ grantId, holder, refreshCount }, reason) {
      // The ID token stays: signing out at the provider names it.
      const ended = await tx.$queryRaw<unknown[]>`
        WITH ended AS (
          UPDATE "Grant" SET "endedAt" = clock_timestamp(), "endReason" = ${reason}, "sealedRefreshToken" = NULL,
            "userInfo" = NULL, "leaseHolder" = NULL, "leaseExpiresAt" = NULL
          WHERE id = ${grantId}::uuid AND "endedAt" IS NULL AND "refreshCount" = ${refreshCount}
            AND "leaseHolder" = ${holder} RETURNING id
        ), erased AS (DELETE FROM "AccessToken" USING ended WHERE "grantId" = ended.id)
        SELECT id FROM ended`;
      return ended.length === 1;
    },

    async withdraw(owners, reason) {
      if (owners.length === 0) return [];
      // Locked, so that a refresh that is about to be published comes before this, and is withdrawn too, or too late.
      const grants = await tx.$queryRaw<WithdrawnRow[]>`
        SELECT g.id, g."sessionId", g.provider, coalesce(g.issuer, s.issuer) AS issuer, g.scope,
          g."sealedRefreshToken", g."sealedIdToken"
        FROM "Grant" g LEFT JOIN "Session" s ON s.id = g."sessionId"
        WHERE ${ownedByOneOf(owners)} AND (g."endedAt" IS NULL OR g."sealedIdToken" IS NOT NULL)
        ORDER BY g.id FOR UPDATE OF g`;
      const ids = grants.map(({ id }) => id);
      if (ids.length === 0) return [];
      await tx.accessToken.deleteMany({ where: { grantId: { in: ids } } });
      await tx.$executeRaw`
        UPDATE "Grant" SET "endedAt" = coalesce("endedAt", clock_timestamp()),
          "endReason" = coalesce("endReason", ${reason}), "sealedRefreshToken" = NULL, "sealedIdToken" = NULL,
          "userInfo" = NULL, "leaseHolder" = NULL, "leaseExpiresAt" = NULL
        WHERE id = ANY(${ids}::uuid[])`;
      return grants.map(withdrawn);
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
  const ofPeople = owners.filter((owner) => !("sessionId" in owner)).map((owner) => Prisma.sql`(${ownedBy(owner)})`);
  return Prisma.sql`(${Prisma.join([...(sessionIds.length > 0 ? [ofSessions] : []), ...ofPeople], " OR ")})`;
}

interface LeaseRow {
  refreshCount: number;
  sealedRefreshToken: string | null;
  isInherited: boolean;
}

interface WithdrawnRow extends Pick<WithdrawnGrant, "sessionId" | "provider" | "issuer" | "scope"> {
  id: string;
  sealedRefreshToken: string | null;
  sealedIdToken: string | null;
}

function withdrawn({ id, sealedRefreshToken, sealedIdToken, ...grant }: WithdrawnRow): WithdrawnGrant {
  return {
    ...grant,
    refreshToken: openOrNull(sealedRefreshToken, grantOwner(id, "refreshToken")),
    idToken: openOrNull(sealedIdToken, grantOwner(id, "idToken")),
  };
}

// A token that does not open can be neither revoked nor hinted with; signing out has to go on without it.
function openOrNull(sealed: string | null, owner: SealOwner): string | null {
  try {
    return sealed === null ? null : openToken(sealed, owner);
  } catch {
    return null;
  }
}

async function open(sealed: string, owner: SealOwner): Promise<string> {
  try {
    return openToken(sealed, owner);
  } catch (error) {
    await noteBrokenSeal(error, owner);
    throw error;
  }
}

function grantOwner(id: string, column: "refreshToken" | "idToken"): SealOwner {
  return { table: "Grant", id, column };
}

function tokenOwner(id: string): SealOwner {
  return { table: "AccessToken", id, column: "token" };
}
