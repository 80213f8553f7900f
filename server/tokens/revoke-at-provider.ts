import "server-only";
import * as openid from "openid-client";
import { describeError, log } from "../http/log";
import { OidcError } from "../oidc/errors";
import { isIssuerOf } from "../oidc/issuer";
import { getMetadata } from "../oidc/metadata";
import { openidClientFor } from "../oidc/openid-client";
import type { ProviderSettings } from "../settings/providers";
import type { Revocable } from "./keep-for-revocation";

/** Revokes one refresh token at its provider (RFC 7009). Never throws. @returns false where it could not be told */
export async function revokeAtProvider(
  { provider: id, issuer, refreshToken }: Pick<Revocable, "provider" | "issuer" | "refreshToken">,
  providers: readonly ProviderSettings[],
): Promise<boolean> {
  // Under the same id there may be another provider by now: what the former one issued is not for it to see.
  const provider = providers.find((known) => known.id === id && isIssuerOf(known, issuer));
  if (!provider || refreshToken === null) return false;
  try {
    const metadata = await getMetadata(provider);
    // A provider without such an endpoint is not one that failed: there is nothing to tell it.
    if (!metadata.revocation_endpoint) return true;
    const client = await openidClientFor(provider, metadata, ({ status }) => {
      if (status === 200) return new Response();
      throw new OidcError("provider_error", "revocation_status");
    });
    await openid.tokenRevocation(client, refreshToken, { token_type_hint: "refresh_token" });
    return true;
  } catch (error) {
    log.warn("token.not_revoked", { provider: id, cause: describeError(error) });
    return false;
  }
}
