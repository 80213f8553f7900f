import "server-only";
import type { ServiceSettings } from "../service-settings";
import type { ActiveSession } from "../sessions/session-state";
import { getAccessTokenFor } from "../sessions/session-tokens";
import type { Wish } from "../tokens/broker";
import type { TokenOutcome } from "../tokens/outcome";
import { getConnectionToken } from "./connections";
import { ServiceError } from "./errors";
import { type ConnectableService, isConnectable } from "./service-provider";

export interface Caller {
  session: ActiveSession;
  /** The organization on whose behalf this is, or null. */
  organization: string | null;
}

/**
 * The access token with which a service is called on somebody's behalf, or null for a service that wants none.
 *
 * @param wish where given, a kept token will not do unless it fulfils this
 * @throws ServiceError the token's own failure; `forbidden` for somebody else's organization; `unknown_organization` where
 *   one has to be named
 */
export async function tokenFor(
  service: ServiceSettings,
  caller: Caller,
  wish?: NonNullable<Wish>,
): Promise<string | null> {
  const { authentication } = service;
  const { session, organization } = caller;
  if (authentication.kind === "none") return null;
  if (isConnectable(service)) return connectionTokenOf(service, await getConnectionToken(session, service, wish));
  if (authentication.kind !== "resource") throw new ServiceError("unknown_service");
  const isPerOrganization = authentication.perOrganization === true;
  if (isPerOrganization && organization === null) throw new ServiceError("unknown_organization");
  const request = {
    resource: authentication.resource,
    ...(isPerOrganization && organization !== null && { organization }),
  };
  return accessTokenOf(await getAccessTokenFor(session, request, wish));
}

function connectionTokenOf(service: ConnectableService, outcome: TokenOutcome): string {
  // Never connected, or not honoured any more: the way out is the same.
  if (outcome.kind === "refused" && outcome.code === "reauthentication_required") {
    const connectPath = `/account/connections#${service.id}`;
    throw new ServiceError("service_not_connected", { connectPath });
  }
  return accessTokenOf(outcome);
}

function accessTokenOf(outcome: TokenOutcome): string {
  switch (outcome.kind) {
    case "token":
      return outcome.accessToken;
    case "unavailable":
      throw new ServiceError(outcome.code, { retryAfterSeconds: outcome.retryAfterSeconds });
    case "refused":
      // Not theirs, whether or not there is such a one.
      throw new ServiceError(outcome.code === "unknown_organization" ? "forbidden" : outcome.code);
  }
}
