import { randomUUID } from "node:crypto";
import type { TokenTarget } from "../../server/oidc/dialects";
import type { ProofKey } from "../../server/oidc/dpop";
import type { GrantOwner, KeptToken, NewGrant, RenewedUser, TokenStore } from "../../server/tokens/store";

interface KeptGrant {
  id: string;
  owner: NewGrant;
  scope: string;
  refreshToken: string | null;
  idToken: string | null;
  proofKey: ProofKey | null;
  refreshCount: number;
  lease: { holder: string; until: number } | null;
  retryAt: number;
  unansweredRefresh: number | null;
  refreshExpiresAt: Date | null;
  renewedAt: number;
  endReason: string | null;
  tokens: Map<string, Omit<KeptToken, "ageMs"> & { storedAt: number }>;
  user: RenewedUser | null;
  userInfo: { claims: Record<string, unknown>; at: number } | null;
}

/**
 * The vault of one process that keeps nothing: for tests, and for trying the broker without a database. Same contract as
 * PostgreSQL's, but nothing is sealed and no other process sees it.
 *
 * @param now the clock, in milliseconds
 */
export function createMemoryStore(now: () => number = Date.now): TokenStore {
  const grants = new Map<string, KeptGrant>();
  const living = (owner: GrantOwner) =>
    [...grants.values()].find((grant) => isOf(owner, grant) && grant.endReason === null);
  const current = (grantId: string, refreshCount: number) => {
    const grant = grants.get(grantId);
    return grant?.endReason === null && grant.refreshCount === refreshCount ? grant : undefined;
  };

  return {
    async deposit(owner, tokens) {
      const { service, userId } = owner;
      if (service !== null && living({ userId, service })) throw new Error("It is connected already.");
      const id = randomUUID();
      const { scope, refreshToken, idToken } = tokens;
      const { accessToken } = tokens;
      const key = keyOf({ resource: "", organization: "", scope: "" });
      const kept = new Map(
        accessToken === null ? [] : [[key, keep({ ...tokens, accessToken }, tokens.proofKey ?? null, now())]],
      );
      const fresh = { refreshCount: 0, lease: null, retryAt: 0, endReason: null, userInfo: null, user: null };
      const renewed = { renewedAt: now(), refreshExpiresAt: tokens.refreshExpiresAt ?? null, unansweredRefresh: null };
      const { proofKey = null } = tokens;
      grants.set(id, { id, owner, scope, refreshToken, idToken, tokens: kept, proofKey, ...fresh, ...renewed });
    },

    async look(owner, target) {
      const grant = living(owner);
      if (!grant) return null;
      return {
        grantId: grant.id,
        scope: grant.scope,
        subject: grant.owner.subject ?? null,
        refreshCount: grant.refreshCount,
        renewedMsAgo: now() - grant.renewedAt,
        isRefreshable: grant.refreshToken !== null,
        isLeased: grant.lease !== null && grant.lease.until > now(),
        retryAfterSeconds: Math.max(0, Math.ceil((grant.retryAt - now()) / 1000)),
        token: aged(grant.tokens.get(keyOf(target)), now()),
      };
    },

    async findScope(owner) {
      return living(owner)?.scope ?? null;
    },

    async lease(grantId, holder, { ms, inheritedMs, asksAnother = false }) {
      const grant = grants.get(grantId);
      if (!grant || grant.endReason !== null) return null;
      if (grant.retryAt > now() && !asksAnother) return null;
      if (grant.lease && grant.lease.until > now()) return null;
      const isInherited = grant.lease !== null;
      grant.lease = { holder, until: now() + (isInherited ? inheritedMs : ms) };
      const { refreshCount, refreshToken, refreshExpiresAt, proofKey } = grant;
      if (isInherited) grant.unansweredRefresh = refreshCount;
      const isUnanswered = grant.unansweredRefresh === refreshCount;
      const isPastEnd = refreshExpiresAt !== null && refreshExpiresAt.getTime() <= now();
      const renewedMsAgo = now() - grant.renewedAt;
      const owner = { userId: grant.owner.userId, of: grant.owner.sessionId ?? grant.owner.service };
      return {
        grantId,
        holder,
        owner,
        refreshCount,
        refreshToken,
        proofKey,
        isInherited,
        isUnanswered,
        isPastEnd,
        renewedMsAgo,
      };
    },

    async publish(
      { grantId, refreshCount },
      { refreshToken, refreshExpiresAt = null, idToken, grantScope, user, token, proofKey = null },
    ) {
      const grant = current(grantId, refreshCount);
      if (!grant) return false;
      Object.assign(grant, { refreshToken, refreshExpiresAt, renewedAt: now() });
      Object.assign(grant, { lease: null, retryAt: 0, refreshCount: refreshCount + 1 });
      grant.idToken = idToken ?? grant.idToken;
      grant.scope = grantScope ?? grant.scope;
      grant.user = user ?? grant.user;
      grant.proofKey = proofKey ?? grant.proofKey;
      if (token) grant.tokens.set(keyOf(token.target), keep(token, proofKey, now()));
      return true;
    },

    async keep({ grantId, holder }, { target, proofKey, ...token }) {
      const grant = grants.get(grantId);
      if (grant?.endReason !== null || grant.lease?.holder !== holder) return false;
      grant.lease = null;
      grant.proofKey ??= proofKey;
      grant.tokens.set(keyOf(target), keep(token, proofKey, now()));
      return true;
    },

    async release({ grantId, holder }, retryAfterSeconds, { isUnanswered = false } = {}) {
      const grant = grants.get(grantId);
      if (grant?.lease?.holder !== holder) return;
      grant.lease = null;
      if (isUnanswered) grant.unansweredRefresh = grant.refreshCount;
      if (retryAfterSeconds > 0) grant.retryAt = now() + retryAfterSeconds * 1000;
    },

    async refuse({ grantId, holder }, target) {
      const grant = grants.get(grantId);
      if (grant?.lease?.holder !== holder) return;
      grant.lease = null;
      grant.tokens.delete(keyOf(target));
    },

    async end({ grantId, holder, refreshCount }, reason) {
      const grant = current(grantId, refreshCount);
      if (grant?.lease?.holder !== holder) return false;
      Object.assign(grant, { endReason: reason, refreshToken: null, proofKey: null, lease: null, userInfo: null });
      grant.tokens.clear();
      return true;
    },

    async withdraw(owners, reason) {
      const found = [...grants.values()].filter(
        (grant) => owners.some((owner) => isOf(owner, grant)) && (grant.endReason === null || grant.idToken !== null),
      );
      return found.map((grant) => {
        const { scope, refreshToken, idToken } = grant;
        const { userId, sessionId, provider, issuer, subject = null } = grant.owner;
        Object.assign(grant, { refreshToken: null, idToken: null, proofKey: null, lease: null, userInfo: null });
        grant.endReason ??= reason;
        grant.tokens.clear();
        return { userId, sessionId, provider, issuer, subject, scope, refreshToken, idToken };
      });
    },

    async keepUserInfo(owner, claims) {
      const grant = living(owner);
      if (grant) grant.userInfo = { claims: structuredClone(claims), at: now() };
    },

    async findUserInfo(owner, maxAgeSeconds) {
      const kept = living(owner)?.userInfo;
      return kept && kept.at > now() - maxAgeSeconds * 1000 ? structuredClone(kept.claims) : null;
    },
  };
}

function isOf(owner: GrantOwner, { owner: whose }: KeptGrant): boolean {
  if ("sessionId" in owner) return whose.sessionId === owner.sessionId;
  const isGiver = owner.issuer === undefined || whose.issuer === owner.issuer;
  return whose.userId === owner.userId && whose.service === owner.service && isGiver;
}

function keyOf({ resource, organization, scope }: TokenTarget): string {
  return JSON.stringify([resource, organization, scope]);
}

function keep(
  { accessToken, expiresAt, scope }: Pick<KeptToken, "accessToken" | "expiresAt" | "scope">,
  proofKey: ProofKey | null,
  now: number,
) {
  return { accessToken, expiresAt, scope, ...(proofKey && { proofKey }), storedAt: now };
}

function aged(kept: ReturnType<typeof keep> | undefined, now: number): KeptToken | null {
  if (!kept) return null;
  const { storedAt, ...token } = kept;
  return { ...token, ageMs: now - storedAt };
}
