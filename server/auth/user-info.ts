import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { isDatabaseUnavailable } from "../db/unavailable";
import { env } from "../env";
import { describeError, log } from "../http/log";
import { OidcError } from "../oidc/errors";
import { getMetadata } from "../oidc/metadata";
import { fetchUserInfoClaims, type UserInfoClaims } from "../oidc/user-info";
import type { ActiveSession } from "../sessions/session-state";
import { findSignInToken } from "../tokens/access-tokens";

/** Fresh claims, or why there are none. */
export type UserInfoOutcome = { kind: "claims"; claims: UserInfoClaims } | { kind: "unavailable"; code: ErrorCode };

/** Asks the session's provider who this is now, over the network. Its answer has to speak of the same subject. */
export async function fetchUserInfo({ id, provider: providerId, subject }: ActiveSession): Promise<UserInfoOutcome> {
  const provider = env().providers.find((known) => known.id === providerId);
  if (!provider) return { kind: "unavailable", code: "unknown_provider" };
  try {
    const accessToken = await findSignInToken(id);
    if (accessToken === null) return { kind: "unavailable", code: "reauthentication_required" };
    const claims = await fetchUserInfoClaims(provider, await getMetadata(provider), { accessToken, subject });
    return { kind: "claims", claims };
  } catch (error) {
    log.warn("userinfo.failed", { provider: provider.id, cause: describeError(error) });
    // First of all: a provider's reset connection looks like a database's underneath.
    if (!(error instanceof OidcError)) {
      return { kind: "unavailable", code: isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error" };
    }
    // A token that the provider no longer takes: it was revoked there.
    const isRefused = error.code === "provider_error";
    return { kind: "unavailable", code: isRefused ? "reauthentication_required" : error.code };
  }
}
