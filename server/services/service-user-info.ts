import "server-only";
import { databaseFailureCode } from "../db/unavailable";
import { describeError, log } from "../http/log";
import { OidcError } from "../oidc/errors";
import { getMetadata } from "../oidc/metadata";
import { fetchOutbound, parseJsonObject, withDeadline } from "../oidc/outbound";
import { fetchUserInfoClaims } from "../oidc/user-info";
import type { ActiveSession } from "../sessions/registry/active-session";
import { readSession } from "../sessions/registry/session-state";
import type { ServiceId } from "../settings/services";
import type { ClaimsOutcome } from "../tokens/outcome";
import { postgresStore } from "../tokens/postgres-store";
import { everything, getConnectionToken, ownerOf } from "./connection-token";
import { findService } from "./registry";
import { type ConnectableService, isConnectable, providerOf } from "./service-provider";

type Claims = Record<string, unknown>;

// A token, an answer, and both once more: somebody waits for it.
const timeoutMs = 9_000;

/**
 * What a connected service says of the user at its userinfo endpoint: that of `daemun.config.ts`, or of its discovery
 * document. Where the service has named whom the connection is of, another `sub` is refused. Network; never throws.
 *
 * Source: OpenID Connect Core 1.0, section 5.3; without discovery, what the service answers, as long as it is a JSON object.
 * @returns `service_not_connected` and `unknown_service` among the codes of a refusal; `provider_misconfigured` where the
 *   service has no such endpoint
 */
export async function fetchServiceUserInfo(id: ServiceId): Promise<ClaimsOutcome<Claims>> {
  const service = findService(id);
  if (!service || !isConnectable(service)) return { kind: "refused", code: "unknown_service" };
  const state = await readSession();
  if (state.kind === "unavailable") return { kind: "unavailable", code: state.code, retryAfterSeconds: 5 };
  if (state.kind !== "active") return { kind: "refused", code: state.code };
  try {
    return await withDeadline(timeoutMs, () => askTwice(state.session, service));
  } catch (error) {
    return failure(service, error);
  }
}

async function askTwice(session: ActiveSession, service: ConnectableService): Promise<ClaimsOutcome<Claims>> {
  let token = await getConnectionToken(session, service);
  for (let attempt = 1; token.kind === "token" && attempt <= 2; attempt += 1) {
    const { accessToken } = token;
    const claims = await ask(session, service, accessToken);
    if (claims) return { kind: "claims", claims };
    token = attempt === 1 ? await getConnectionToken(session, service, { other: accessToken }) : notConnected;
  }
  if (token.kind === "token" || token.code === "reauthentication_required") return notConnected;
  return token;
}

const notConnected = { kind: "refused", code: "service_not_connected" } as const;

/** Null where the token is not taken (RFC 6750, section 3.1). */
async function ask(session: ActiveSession, service: ConnectableService, accessToken: string): Promise<Claims | null> {
  const provider = providerOf(service);
  const metadata = await getMetadata(provider);
  const view = await postgresStore().look(ownerOf(session, service).grantOwner, everything);
  const subject = view?.subject ?? null;
  try {
    if (subject !== null) return await fetchUserInfoClaims(provider, metadata, { accessToken, subject });
    if (!metadata.userinfo_endpoint) throw new OidcError("provider_misconfigured", "no_userinfo_endpoint");
    const headers = { Accept: "application/json", Authorization: `Bearer ${accessToken}` };
    const answer = await fetchOutbound(metadata.userinfo_endpoint, { headers });
    if (answer.status === 401) return null;
    if (answer.status >= 500 || answer.status === 429) throw new OidcError("provider_unavailable", "userinfo_status");
    if (answer.status !== 200) throw new OidcError("provider_error", "userinfo_status");
    return parseJsonObject(answer);
  } catch (error) {
    if (error instanceof OidcError && error.detail === "invalid_token") return null;
    throw error;
  }
}

function failure({ id }: ConnectableService, error: unknown): ClaimsOutcome<never> {
  log.warn("userinfo.failed", { service: id, cause: describeError(error) });
  if (!(error instanceof OidcError))
    return { kind: "unavailable", code: databaseFailureCode(error), retryAfterSeconds: 5 };
  const { code } = error;
  const isPassing = code === "provider_unavailable" || code === "provider_timeout";
  return isPassing ? { kind: "unavailable", code, retryAfterSeconds: 1 } : { kind: "refused", code };
}
