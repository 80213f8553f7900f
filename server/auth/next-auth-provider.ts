import "server-only";
import { customFetch } from "next-auth";
import type { OIDCConfig } from "next-auth/providers";
import { clockTolerance } from "openid-client";
import { env } from "../env";
import type { ProviderSettings } from "../provider-settings";
import { profileOf } from "./profile";
import { fetchForNextAuth } from "./protocol-fetch";
import { requireSignInContext } from "./sign-in-context";

/** A provider in NextAuth's terms: all three checks, our own fetch, and a profile from claims that we verified. */
export function nextAuthProvider(provider: ProviderSettings): OIDCConfig<Record<string, unknown>> {
  return {
    id: provider.id,
    name: provider.name,
    type: "oidc",
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    // By default neither `state` nor `nonce` would be sent.
    checks: ["pkce", "state", "nonce"],
    authorization: {
      params: {
        scope: provider.scope,
        ...(provider.prompt && { prompt: provider.prompt }),
        ...provider.authorizationParams,
      },
    },
    client: { [clockTolerance]: env().clockToleranceSeconds },
    [customFetch]: fetchForNextAuth,
    profile: () => {
      const { idToken, userInfo } = requireSignInContext();
      if (!idToken) throw new Error("No verified ID token.");
      const { name, image, email } = profileOf(idToken, userInfo ?? null);
      return { id: idToken.sub, name, image, email: email?.address ?? null };
    },
  };
}
