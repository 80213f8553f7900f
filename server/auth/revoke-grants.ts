import "server-only";
import { env } from "../env";
import { describeError, log } from "../http/log";
import { getMetadata } from "../oidc/metadata";
import { revokeRefreshToken } from "../oidc/revocation";
import type { WithdrawnGrant } from "../tokens/grants";

/**
 * Tells the providers that the refresh tokens of ended sessions are not needed any more (RFC 7009). Ours are ended and
 * erased already, so a provider that cannot be told is a line in the log. Never throws.
 */
export async function revokeQuietly(grants: readonly WithdrawnGrant[]): Promise<void> {
  await Promise.all(
    grants.map(async ({ provider: id, refreshToken }) => {
      const provider = env().providers.find((known) => known.id === id);
      if (!provider || refreshToken === null) return;
      try {
        await revokeRefreshToken(provider, await getMetadata(provider), refreshToken);
      } catch (error) {
        log.warn("token.not_revoked", { provider: id, cause: describeError(error) });
      }
    }),
  );
}
