import "server-only";
import type { SessionClaims } from "@/edge/session-cookie";
import { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../../audit/audit";
import { isDeadlock } from "../../db/deadlock";
import { databaseFailureCode } from "../../db/unavailable";
import { isUniqueConflict } from "../../db/unique-conflict";
import { afterResponse } from "../../http/after-response";
import { describeError, log } from "../../http/log";
import { userInfoOrganizations } from "../../oidc/rights";
import { auditRevoked, endChosen, parseChosen } from "../../sessions/registry/end-chosen";
import { endSessions } from "../../sessions/registry/end-sessions";
import { wasEndedElsewhere } from "../../sessions/registry/ended-elsewhere";
import { expireLapsed } from "../../sessions/registry/expire-session";
import { knowDevice } from "../../sessions/registry/note-device";
import { keepToCap, openSession } from "../../sessions/registry/open-session";
import { organizationsToKeep } from "../../sessions/registry/organization";
import { trustsRoles } from "../../sessions/registry/policy";
import { postgresStore } from "../../tokens/postgres-store";
import { revokeQuietly } from "../../tokens/revoke-grants";
import type { WithdrawnGrant } from "../../tokens/store";
import type { ReturnedSignIn, VerifiedSignIn } from "../next-auth/exchange-code";
import { judgeEarlyLogout } from "../sign-out/early-logout";
import type { SignInFailure } from "./failed-sign-in";
import { findOrCreateUser } from "./find-user";
import { judgeSignIn } from "./judge-sign-in";
import { noteSignIn } from "./note-sign-in";
import { profileOf } from "./profile";
import type { HookAnswer } from "./sign-in-hook";

/** The claims for the cookie of the session that was opened, or why there is none. */
export type Admission = { opened: SessionClaims } | { failure: SignInFailure };

/**
 * Writes a sign-in down: person, account, session, grant and audit row in one transaction, and the session that this
 * browser had before ends in it. Where it fails, nothing was written.
 */
export async function admitUser(signIn: ReturnedSignIn, verified: VerifiedSignIn): Promise<Admission> {
  // Two first sign-ins of one person at once: one writes, the other fails on a unique constraint and finds the person.
  let judged: HookAnswer | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      judged ??= await judgeSignIn(signIn, verified);
      if ("failure" in judged) return judged;
      const appClaims = judged.claims;
      const outcome = await audited((tx, audit) => writeSignIn(tx, audit, signIn, { ...verified, appClaims }));
      if ("failure" in outcome) return outcome;
      afterResponse(() => revokeQuietly(outcome.endedGrants));
      return { opened: outcome.opened };
    } catch (error) {
      if (error instanceof Refusal) return { failure: error.failure };
      if (attempt < 3 && isConflict(error)) continue;
      const code = databaseFailureCode(error);
      log.error("sign_in.not_written", { cause: describeError(error) });
      return { failure: { code, cause: "not_written" } };
    }
  }
}

/** A failure that is seen only after something was written, which is undone with it. */
class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(readonly failure: SignInFailure) {
    super(failure.cause);
  }
}

async function writeSignIn(
  tx: Prisma.TransactionClient,
  audit: Audit,
  signIn: ReturnedSignIn,
  verified: VerifiedSignIn & { appClaims: Prisma.InputJsonObject | null },
): Promise<{ opened: SessionClaims; endedGrants: WithdrawnGrant[] } | { failure: SignInFailure }> {
  const { provider, transaction, replaced } = signIn;
  const { idToken, tokens, userInfo } = verified;
  // As the token says it: a provider of many tenants has an issuer for each.
  const issuer = idToken.iss;
  const now = new Date();
  const failure = await judgeEarlyLogout(tx, signIn, verified);
  if (failure) return { failure };
  const user = await findOrCreateUser(tx, audit, signIn, verified, now);
  if ("failure" in user) return user;

  if (replaced && !transaction.fresh && (await wasEndedElsewhere(tx, replaced, { lock: true }))) {
    throw new Refusal({ code: "session_revoked", cause: "ended_elsewhere" });
  }
  const profile = profileOf(provider, idToken, userInfo);
  const organizations = userInfoOrganizations(idToken, userInfo);
  const claims = { ...verified.claims, ...organizations };
  // Before the former session ends, and forgets its choice.
  const kept = await organizationsToKeep(tx, { sid: replaced?.sid, userId: user.userId, claims, userInfo });
  const former = await endFormer(tx, audit, { sid: replaced?.sid, userId: user.userId, now });
  const device = await knowDevice(tx, { userId: user.userId, deviceId: signIn.deviceId }, now);
  const opened = await openSession(
    tx,
    {
      userId: user.userId,
      provider: provider.id,
      issuer,
      subject: idToken.sub,
      providerSessionId: idToken.sid ?? null,
      claims: claims as Prisma.InputJsonObject,
      claimsSource: userInfo ? "userinfo" : "id-token",
      appClaims: verified.appClaims,
      roles: trustsRoles(provider.id) ? profile.roles : [],
      rolesSource: profile.rolesSource,
      userInfoRights: Object.keys(organizations),
      ...kept,
      givenEmail: profile.givenEmail,
      authTime: new Date(
        verified.askedAt.getTime() - Math.max(0, idToken.iat - (idToken.auth_time ?? idToken.iat)) * 1000,
      ),
      issuedAt: new Date(idToken.iat * 1000),
      acr: idToken.acr ?? null,
      amr: idToken.amr ?? [],
      rememberMe: transaction.remember,
    },
    { user, device, now, ceiling: idToken.session_expiry ?? null },
  );
  const owner = { userId: user.userId, sessionId: opened.id, service: null, provider: provider.id, issuer };
  await postgresStore(tx).deposit(owner, tokens);
  const who = { userId: user.userId, sid: opened.claims.sid, provider: provider.id, issuer };
  const { providerMs } = verified;
  const told = { sub: idToken.sub, replaced: former.count, providerMs };
  await noteSignIn(tx, audit, { ...who, ...told, device }, user);
  const { userId } = user;
  const chosen = parseChosen(transaction.stepUp?.end);
  const others = chosen ? await endChosen(tx, audit, { userId, current: opened.id, chosen, confirmed: true }) : null;
  const surplus = await keepToCap(tx, audit, { userId, newest: opened.id, now });
  const endedGrants = [...former.grants, ...(others?.grants ?? []), ...surplus.grants];
  return { opened: opened.claims, endedGrants };
}

/** Ends the session that this browser had before; one that was over already, by its deadline. */
async function endFormer(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { sid, userId, now }: { sid: string | undefined; userId: string; now: Date },
) {
  if (sid === undefined) return { count: 0, grants: [] };
  const lapsed = await expireLapsed(tx, audit, { sessionToken: sid }, now);
  const ended = await endSessions(tx, { sessionToken: sid }, { reason: "replaced", by: "sign_in", now });
  // Of somebody else's, in their own trail: the row of this sign-in tells only this person.
  const foreign = ended.sessions.filter((session) => session.userId !== userId);
  await auditRevoked(audit, foreign, "replaced");
  return { count: ended.count, grants: [...lapsed.grants, ...ended.grants] };
}

/** A unique constraint, a row that has gone (an identity that was unlinked) or a deadlock: another wrote at the same time. */
function isConflict(error: unknown): boolean {
  const isGone = error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2025";
  return isDeadlock(error) || isUniqueConflict(error) || isGone;
}
