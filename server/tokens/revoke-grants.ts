import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { describeError, log } from "../http/log";
import { isIssuerOf, issuerParts } from "../oidc/issuer";
import { withDeadline } from "../oidc/outbound";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { keepForRevocation, type Revocable, revocationOwner } from "./keep-for-revocation";
import { revokeAtProvider } from "./revoke-at-provider";
import { openToken } from "./seal";

// "Everywhere" may end a thousand sessions; a provider need not hear of all of them at once.
const atOnce = 10;
// Of many, those that a slow provider leaves no time for are counted as not told.
const revocationTimeoutMs = 6000;
// Longer than one attempt takes: whoever was cut off in it has left it to the sweep.
const retrySeconds = 60;

/**
 * Tells the providers that the refresh tokens of ended grants are not needed any more (RFC 7009), as far as they may be told
 * now: where revoking one takes the whole grant, not while another session or connection lives by it. What was kept for that
 * and may go now goes too. Ours are ended and erased already; what cannot be told now is left to the sweep. Never throws.
 *
 * @param ended whose end was just written
 * @param providers who issued them; those that sign people in, if absent
 * @returns how many tokens a provider could not be told of, though it might have been
 */
export async function revokeQuietly(
  ended: readonly Revocable[],
  providers: readonly ProviderSettings[] = env().providers,
): Promise<number> {
  const withToken = ended.filter(({ refreshToken }) => refreshToken !== null);
  const failed = await Promise.all(
    providers.map((provider) => {
      const own = withToken.filter(({ provider: id, issuer }) => id === provider.id && isIssuerOf(provider, issuer));
      const subjects = own.flatMap(({ subject }) => subject ?? []);
      const userIds = own.flatMap(({ userId }) => userId ?? []);
      const theirs = Prisma.sql`(r.subject = ANY(${subjects}) OR r."userId" = ANY(${userIds}::uuid[]))`;
      return own.length > 0 ? revokeWaiting(provider, theirs) : 0;
    }),
  );
  const unknown = withToken.filter(
    ({ provider: id, issuer }) => !providers.some((p) => p.id === id && isIssuerOf(p, issuer)),
  );
  return failed.reduce<number>((sum, count) => sum + count, unknown.length);
}

/** Gives back a refresh token that is in no vault: at large, it would be a session that nobody sees. Never throws. */
export async function giveBack(token: Revocable, provider: ProviderSettings): Promise<void> {
  let ids: string[];
  try {
    ids = await keepForRevocation(db, [token]);
  } catch (error) {
    // Nobody can say what else it would end, and nobody would remember it.
    log.warn("token.revocation_not_kept", { provider: provider.id, cause: describeError(error) });
    await revokeAtProvider(token, [provider]);
    return;
  }
  await revokeWaiting(provider, Prisma.sql`r.id = ANY(${ids}::uuid[])`);
}

/**
 * Tells one provider of what waits for it and may be told now, until time is over. Never throws.
 *
 * @param which of the rows `r`; all, if absent
 * @returns how many it was not told of
 */
export async function revokeWaiting(provider: ProviderSettings, which: Prisma.Sql = Prisma.sql`true`): Promise<number> {
  let failed = 0;
  const until = Date.now() + revocationTimeoutMs;
  try {
    await withDeadline(revocationTimeoutMs, async () => {
      while (Date.now() < until) {
        const claimed = await claim(provider, which);
        const told = await Promise.all(claimed.map((row) => tell(provider, row)));
        failed += told.filter((wasTold) => !wasTold).length;
        if (claimed.length < atOnce) return;
      }
      failed += await countWaiting(provider, which);
    });
  } catch (error) {
    log.warn("token.not_revoked", { provider: provider.id, cause: describeError(error) });
  }
  return failed;
}

interface WaitingRow {
  id: string;
  userId: string | null;
  issuer: string;
  sealedToken: string;
}

/** Takes some that may go, each for one caller on all instances: whoever dies with one leaves it to who comes later. */
function claim(provider: ProviderSettings, which: Prisma.Sql): Promise<WaitingRow[]> {
  return db.$queryRaw<WaitingRow[]>`
    UPDATE "Revocation" SET "retryAt" = clock_timestamp() + make_interval(secs => ${retrySeconds}::double precision)
    WHERE id = ANY (ARRAY(
      SELECT r.id FROM "Revocation" r WHERE ${which} AND ${mayGo(provider)}
      ORDER BY r."retryAt" LIMIT ${atOnce} FOR UPDATE SKIP LOCKED))
    RETURNING id, "userId", issuer, "sealedToken"`;
}

async function countWaiting(provider: ProviderSettings, which: Prisma.Sql): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM "Revocation" r WHERE ${which} AND ${mayGo(provider)}`;
  return row?.count ?? 0;
}

/**
 * Which tokens the provider may be told of: all, where that ends nothing else; else those whose issuer, subject and client no
 * living grant has. Of a connection whose service names nobody, the user stands for the subject.
 */
function mayGo(provider: ProviderSettings): Prisma.Sql {
  const due = Prisma.sql`r.provider = ${provider.id} AND ${hasIssuerOf(provider)} AND r."retryAt" <= clock_timestamp()`;
  if (provider.revocation === "token") return due;
  const ids = sharingClient(provider);
  return Prisma.sql`${due}
    AND NOT EXISTS (
      SELECT 1 FROM "Session" s JOIN "Grant" g ON g."sessionId" = s.id
      WHERE s.issuer = r.issuer AND s.subject = r.subject AND s."endedAt" IS NULL AND g.provider = ANY(${ids})
        AND g."endedAt" IS NULL AND g."sealedRefreshToken" IS NOT NULL)
    AND NOT EXISTS (
      SELECT 1 FROM "Grant" g
      WHERE g.issuer = r.issuer AND g.subject = r.subject AND g.service IS NOT NULL AND g.provider = ANY(${ids})
        AND g."endedAt" IS NULL)
    AND NOT EXISTS (
      SELECT 1 FROM "Grant" g
      WHERE g."userId" = r."userId" AND g.provider = r.provider AND g.service IS NOT NULL AND g."endedAt" IS NULL
        AND g.issuer = r.issuer AND (g.subject IS NULL OR r.subject IS NULL))`;
}

/** Whether the issuer of a row is the provider's, or that of one of its tenants. */
function hasIssuerOf(provider: ProviderSettings): Prisma.Sql {
  const parts = issuerParts(provider);
  if (!parts) return Prisma.sql`r.issuer = ${provider.issuer}`;
  const { before, after } = parts;
  return Prisma.sql`starts_with(r.issuer, ${before}) AND right(r.issuer, ${after.length}::int) = ${after}`;
}

/** The providers and services, by the ids of their grants, that are the same client of the same issuer. */
function sharingClient({ id, issuer, clientId }: ProviderSettings): string[] {
  const { providers, services } = env();
  const others = providers.filter((other) => other.issuer === issuer && other.clientId === clientId);
  const connected = services.filter(({ client }) => client?.issuer === issuer && client.clientId === clientId);
  return [id, ...others.map((other) => other.id), ...connected.map((service) => `service:${service.id}`)];
}

async function tell(provider: ProviderSettings, row: WaitingRow): Promise<boolean> {
  let refreshToken: string;
  try {
    refreshToken = openToken(row.sealedToken, revocationOwner(row));
  } catch (error) {
    log.warn("token.not_revoked", { provider: provider.id, cause: describeError(error) });
    return false;
  }
  if (!(await revokeAtProvider({ provider: provider.id, issuer: row.issuer, refreshToken }, [provider]))) return false;
  await db.revocation.deleteMany({ where: { id: row.id } });
  return true;
}
