import "server-only";
import { env } from "../env";
import { describeError, log } from "../http/log";
import { getMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { revokeRefreshToken } from "../oidc/revocation";
import type { ProviderSettings } from "../provider-settings";
import type { WithdrawnGrant } from "./store";

type Revocable = Pick<WithdrawnGrant, "provider" | "issuer" | "refreshToken">;

// "Everywhere" may end a thousand sessions; a provider need not hear of all of them at once.
const atOnce = 10;
// Of many, those that a slow provider leaves no time for are counted as not told.
const patienceMs = 6000;

/**
 * Tells the providers that the refresh tokens of ended sessions are not needed any more (RFC 7009). Ours are ended and
 * erased already, so a provider that cannot be told is a line in the log. Never throws.
 *
 * @param providers who issued them; those that sign people in, if absent
 * @returns how many tokens a provider could not be told of
 */
export function revokeQuietly(
  grants: readonly Revocable[],
  providers: readonly ProviderSettings[] = env().providers,
): Promise<number> {
  const waiting = grants.filter(({ refreshToken }) => refreshToken !== null);
  return withDeadline(patienceMs, async () => {
    let failed = 0;
    for (let at = 0; at < waiting.length; at += atOnce) {
      const told = await Promise.all(waiting.slice(at, at + atOnce).map((grant) => revoke(grant, providers)));
      failed += told.filter((wasTold) => !wasTold).length;
    }
    return failed;
  });
}

async function revoke(
  { provider: id, issuer, refreshToken }: Revocable,
  providers: readonly ProviderSettings[],
): Promise<boolean> {
  // Under the same id there may be another provider by now: what the former one issued is not for it to see.
  const provider = providers.find((known) => known.id === id && known.issuer === issuer);
  if (!provider || refreshToken === null) return false;
  try {
    // A provider without such an endpoint is not one that failed: there is nothing to tell it.
    await revokeRefreshToken(provider, await getMetadata(provider), refreshToken);
    return true;
  } catch (error) {
    log.warn("token.not_revoked", { provider: id, cause: describeError(error) });
    return false;
  }
}
