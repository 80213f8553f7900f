import "server-only";
import { env } from "../env";
import { describeError, log } from "../http/log";
import { getMetadata } from "../oidc/metadata";
import { revokeRefreshToken } from "../oidc/revocation";
import type { WithdrawnGrant } from "../tokens/grants";
import type { SignInContext } from "./sign-in-context";

/** Gives back what a sign-in that failed will not use: a refresh token at large is a session that nobody sees. */
export function giveBack({ provider, tokens }: SignInContext): void {
  if (tokens?.refreshToken) void revokeQuietly([{ provider: provider.id, refreshToken: tokens.refreshToken }]);
}

/**
 * Tells the providers that the refresh tokens of ended sessions are not needed any more (RFC 7009). Ours are ended and
 * erased already, so a provider that cannot be told is a line in the log. Never throws.
 */
export async function revokeQuietly(
  grants: readonly Pick<WithdrawnGrant, "provider" | "refreshToken">[],
): Promise<void> {
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
