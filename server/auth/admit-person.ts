import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../audit/audit";
import { isDeadlock } from "../db/deadlock";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import { readableClaims } from "../oidc/readable-claims";
import { auditRevoked, endChosen, parseChosen } from "../sessions/end-chosen";
import { endSessions } from "../sessions/end-sessions";
import { expireLapsed } from "../sessions/expire-session";
import { lockPerson } from "../sessions/lock-person";
import { openSession } from "../sessions/open-session";
import { trustsRoles } from "../sessions/policy";
import { keepToCap } from "../sessions/session-cap";
import { postgresStore } from "../tokens/postgres-store";
import { revokeQuietly } from "../tokens/revoke-grants";
import type { WithdrawnGrant } from "../tokens/store";
import { judgeEarlyLogout } from "./early-logout";
import { findOrCreatePerson } from "./find-person";
import { profileOf } from "./profile";
import type { SignInContext, SignInFailure } from "./sign-in-context";

/**
 * Writes a sign-in down: person, account, session, grant and audit row in one transaction, and the session that this
 * browser had before ends in it. Afterwards `context.opened` holds the claims for the cookie, or `context.failure`
 * says why there is none; then nothing was written.
 */
export async function admitPerson(context: SignInContext): Promise<boolean> {
  // Two first sign-ins of one person at once: one writes, the other fails on a unique constraint and finds the person.
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await audited((tx, audit) => writeSignIn(tx, audit, context));
      if ("failure" in outcome) return refuse(context, outcome.failure);
      context.opened = outcome.opened;
      afterResponse(() => revokeQuietly(outcome.endedGrants));
      return true;
    } catch (error) {
      if (attempt < 3 && isConflict(error)) continue;
      const code = isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error";
      log.error("sign_in.not_written", { cause: describeError(error) });
      return refuse(context, { code, cause: "not_written" });
    }
  }
}

function refuse(context: SignInContext, failure: SignInFailure): false {
  context.failure ??= failure;
  return false;
}

type Written =
  | { opened: NonNullable<SignInContext["opened"]>; endedGrants: WithdrawnGrant[] }
  | { failure: SignInFailure };

async function writeSignIn(tx: Prisma.TransactionClient, audit: Audit, context: SignInContext): Promise<Written> {
  const { provider, metadata, transaction, idToken, tokens, userInfo, replaced } = context;
  if (!idToken || !tokens) throw new Error("Nothing was verified.");
  const now = new Date();
  const failure = await judgeEarlyLogout(tx, context);
  if (failure) return { failure };
  const person = await findOrCreatePerson(tx, context, idToken, now);
  if ("failure" in person) return person;

  // One sign-in of a person at a time from here to the commit: each counts what those before it left. The update of a
  // person who has no name to write is none, and locks nothing.
  await lockPerson(tx, person.userId);
  const former = await endFormer(tx, audit, { sid: replaced?.sid, userId: person.userId, now });
  const profile = profileOf(idToken, userInfo ?? null);
  const opened = await openSession(
    tx,
    {
      userId: person.userId,
      provider: provider.id,
      issuer: metadata.issuer,
      subject: idToken.sub,
      providerSessionId: idToken.sid ?? null,
      claims: readableClaims(idToken) as Prisma.InputJsonObject,
      claimsSource: userInfo ? "userinfo" : "id-token",
      roles: trustsRoles(provider.id) ? profile.roles : [],
      authTime: new Date((idToken.auth_time ?? idToken.iat) * 1000),
      issuedAt: new Date(idToken.iat * 1000),
      acr: idToken.acr ?? null,
      amr: idToken.amr ?? [],
      rememberMe: transaction?.remember ?? false,
    },
    { now, ceiling: idToken.session_expiry ?? null },
  );
  const { issuer } = metadata;
  const owner = { userId: person.userId, sessionId: opened.id, service: null, provider: provider.id, issuer };
  await postgresStore(tx).deposit(owner, tokens);
  const who = { userId: person.userId, sid: opened.claims.sid, provider: provider.id, issuer: metadata.issuer };
  await audit({
    ...who,
    event: "sign_in.succeeded",
    outcome: "success",
    detail: { sub: idToken.sub, first: person.isNew, replaced: former.count },
  });
  const { userId } = person;
  const chosen = parseChosen(transaction?.stepUp?.end);
  const others = chosen ? await endChosen(tx, audit, { userId, current: opened.id, chosen }) : null;
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

/** A unique constraint or a deadlock: somebody else wrote the same at the same time. */
function isConflict(error: unknown): boolean {
  return isDeadlock(error) || (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002");
}
