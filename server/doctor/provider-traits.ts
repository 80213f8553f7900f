import "server-only";
import { db } from "../db/client";
import { endSessionEndpoint } from "../oidc/end-session";
import type { ProviderMetadata } from "../oidc/metadata";
import { asAsked, asksForRefreshToken } from "../oidc/offline-access";
import type { ProviderSettings } from "../settings/providers";
import { type Finding, found } from "./findings";

/** Whether a sign-out goes through to the provider, and the other way round. */
export async function examineSignOut(provider: ProviderSettings, metadata: ProviderMetadata): Promise<Finding[]> {
  const { id, type } = provider;
  const incoming =
    metadata.backchannel_logout_supported === true
      ? "back"
      : metadata.frontchannel_logout_supported === true
        ? "front"
        : "none";
  const facts = { outgoing: endSessionEndpoint(provider, metadata) === null ? "no" : "yes", incoming };
  // Keycloak's metadata says the same for every client. A client with "Front channel logout" on, as it begins, is told by no
  // other way: that a logout token came is the one thing that shows it.
  const isSilent = type === "keycloak" && !(await hasHeardOf(provider));
  return [found("signOutKnown", facts, id), ...(isSilent ? [found("keycloakFrontChannel", {}, id)] : [])];
}

async function hasHeardOf({ id }: ProviderSettings): Promise<boolean> {
  try {
    const event = await db.auditEvent.findFirst({
      where: { event: "sign_out.backchannel", provider: id },
      select: { id: true },
    });
    return event !== null;
  } catch {
    return false;
  }
}

// Those that give one without being asked, or by a parameter of their own (docs/deploying.md).
const givesUnasked: ReadonlySet<string> = new Set(
  "apple cognito discord github gitlab google kakao keycloak line naver slack".split(" "),
);

/** Whether a refresh token is to be expected: without one, there are no access tokens for resources. */
export async function examineRefreshTokens(provider: ProviderSettings, metadata: ProviderMetadata): Promise<Finding[]> {
  const { id, type, resources } = provider;
  if (resources.length === 0) return [found("refreshTokenUnneeded", {}, id)];
  const types = metadata.grant_types_supported;
  const refuses = Array.isArray(types) && !types.includes("refresh_token");
  const isAsked = asksForRefreshToken(asAsked(provider, metadata)) || givesUnasked.has(type);
  const code = isAsked && !refuses ? "refreshTokenAsked" : "refreshTokenUnlikely";
  return [found(code, {}, id)];
}
