import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { authorizationRequest } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import type { ProviderMetadata } from "../oidc/metadata";
import { asAsked } from "../oidc/offline-access";
import { fetchOutbound } from "../oidc/outbound";
import { authorizationAddress } from "../oidc/pushed-authorization";
import type { ProviderSettings } from "../settings/providers";
import { type Finding, found } from "./findings";
import { saidBy } from "./said";

// What `prompt=none` is answered with where nobody is signed in (OpenID Connect Core 1.0, section 3.1.2.6): all else was right.
const noUser: ReadonlySet<string> = new Set([
  "",
  "login_required",
  "consent_required",
  "interaction_required",
  "account_selection_required",
  "access_denied",
]);

const redirectUriRefusals: ReadonlySet<string> = new Set(["invalid_redirect_uri", "redirect_uri_mismatch"]);

/**
 * What a sign-in asks for, and whether the provider would go along: it is sent the same request with `prompt=none` and nobody
 * behind it. Where it answers to our redirect URI, that is registered. Many say no more than a page for people: not told, then.
 */
export async function examineRequest(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  redirectUri: string,
): Promise<Finding[]> {
  const { id } = provider;
  const { scope, parameters } = authorizationRequest(asAsked(provider, metadata));
  const url = new URL(metadata.authorization_endpoint);
  const random = () => randomBytes(32).toString("base64url");
  const said: [string, string][] = [
    ["client_id", provider.clientId],
    ["redirect_uri", redirectUri],
    ["response_type", "code"],
    ["scope", scope],
    ["state", random()],
    ...(provider.oauth2 ? [] : [["nonce", random()] satisfies [string, string]]),
    ["code_challenge", createHash("sha256").update(random()).digest("base64url")],
    ["code_challenge_method", "S256"],
    ...Object.entries(provider.authorizationParameters).filter(([name]) => name !== "prompt"),
    ...parameters,
    ["prompt", "none"],
  ];
  for (const [name, value] of said) url.searchParams.append(name, value);
  const facts = { scope, uri: redirectUri };
  try {
    const address = await authorizationAddress(provider, metadata, url);
    const answer = await fetchOutbound(address, { takesRedirect: true });
    const { status } = answer;
    const isRefused = status >= 400 && status < 500 && status !== 429;
    // One that was pushed had its redirect URI checked there.
    if (isRefused && address !== url) return [found("requestRefused", { ...facts, error: `status_${status}` }, id)];
    if (isRefused) return [found("redirectUriRefused", { uri: redirectUri, status }, id)];
    const location = new URL(answer.headers.get("location") ?? "", address);
    if (location.origin + location.pathname !== redirectUri) return [found("requestUntold", facts, id)];
    const error = location.searchParams.get("error") ?? "";
    if (noUser.has(error)) return [found("requestAccepted", facts, id)];
    return [found("requestRefused", { ...facts, error: saidBy(error) }, id)];
  } catch (error) {
    const refusal = error instanceof OidcError ? error : null;
    // RFC 9126, section 2.3: a request that is pushed is refused there.
    if (redirectUriRefusals.has(refusal?.detail ?? ""))
      return [found("redirectUriRefused", { uri: redirectUri, status: 400 }, id)];
    if (refusal?.code === "provider_error")
      return [found("requestRefused", { ...facts, error: saidBy(refusal.detail) }, id)];
    // That the provider is away, or refuses the client, others have found.
    return [found("requestUntold", facts, id)];
  }
}
