import "server-only";
import { databaseFailureCode } from "../db/unavailable";
import { describeError, log } from "../http/log";
import { isMemberOf } from "../oidc/user-claims";
import type { ExchangeWish } from "../sessions/guards/session-tokens";
import type { ActiveSession } from "../sessions/registry/active-session";
import type { ServiceSettings } from "../settings/services";
import { signActor, signAssertion } from "../signing/sign";
import { ServiceError } from "./errors";

type Authentication = ServiceSettings["authentication"];
type AssertionTerms = Extract<Authentication, { kind: "assertion" }>;
type ExchangeTerms = Extract<Authentication, { kind: "exchange" }>;

// Long enough to arrive, too short to be of use to whoever finds it.
const defaultLifetimeSeconds = 60;

/**
 * A JWT of this app's that says who is calling, for one call of a service (docs/decisions/0071).
 *
 * @throws ServiceError `forbidden` for an organization that the user does not belong to; `database_unavailable`;
 *   `internal_error` where the key does not open
 */
export async function assertionFor(
  terms: AssertionTerms,
  { session, organization }: { session: ActiveSession; organization: string | null },
): Promise<string> {
  const { audience, subject, algorithm = "ES256", lifetimeSeconds = defaultLifetimeSeconds, include = [] } = terms;
  const names = include.includes("organization") ? organization : null;
  // Not theirs, whether or not there is such a one.
  if (names !== null && !isMemberOf(session.claims, names)) throw new ServiceError("forbidden");
  try {
    return await signAssertion({
      subject: subject === "provider" ? session.subject : session.user.id,
      audience,
      algorithm,
      lifetimeSeconds,
      claims: {
        ...(include.includes("roles") && { roles: session.roles }),
        ...(names !== null && { organization_id: names }),
        // Two providers may have the same subject.
        ...(subject === "provider" && { subject_issuer: session.issuer }),
      },
    });
  } catch (error) {
    log.error("assertion.not_signed", { cause: describeError(error) });
    throw new ServiceError(databaseFailureCode(error), { retryAfterSeconds: 5, cause: error });
  }
}

/** What the token of a service is exchanged for. */
export function exchangeOf(service: string, authentication: ExchangeTerms): ExchangeWish {
  const { kind: _, actor = false, subjectResource, provider, subjectProviders, ...terms } = authentication;
  return { service, terms, subjectResource, provider, subjectProviders, signActor: actor ? signActor : null };
}
