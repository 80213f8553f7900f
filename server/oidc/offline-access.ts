import "server-only";
import { log } from "../http/log";
import type { ProviderSettings } from "../settings/providers";
import { variablePrefix } from "../settings/read-providers";
import type { ProviderMetadata } from "./metadata";

const offlineAccess = "offline_access";

/**
 * The provider with the scopes that it is asked for: those besides go to one that names them (`scopes_supported`; OpenID Connect
 * Discovery 1.0, section 3), `offline_access` also to one that does not say what it knows. Others may refuse the whole
 * sign-in for a scope that they do not know.
 */
export function asAsked(provider: ProviderSettings, { scopes_supported: known }: ProviderMetadata): ProviderSettings {
  const isKnown = (scope: string) => known?.includes(scope.split(":", 1)[0] ?? "") ?? scope === offlineAccess;
  const besides = provider.scopesWhereSupported.filter((scope) => known?.includes(scope) || isKnown(scope));
  if (besides.length === 0) return provider;
  return { ...provider, scope: [...new Set([...words(provider.scope), ...besides])].join(" ") };
}

/** Whether a refresh token was asked for in the way of OpenID Connect Core 1.0, section 11. */
export function asksForRefreshToken({ scope }: ProviderSettings): boolean {
  return words(scope).includes(offlineAccess);
}

const held = globalThis as typeof globalThis & { daemunNoRefreshToken?: Set<string> };

/**
 * Says in the log that there is no refresh token, and what to do about it: once in each process, for each provider and
 * each place where it was missed. There are no access tokens of APIs without one.
 */
export function warnOfNoRefreshToken(provider: ProviderSettings, missedAt: "sign_in" | "access_token"): void {
  held.daemunNoRefreshToken ??= new Set();
  const key = `${missedAt} ${provider.id}`;
  if (held.daemunNoRefreshToken.has(key)) return;
  held.daemunNoRefreshToken.add(key);
  log.warn("provider.no_refresh_token", { provider: provider.id, missed_at: missedAt, cure: cureOf(provider) });
}

function cureOf(provider: ProviderSettings): string {
  const prefix = variablePrefix(provider.id);
  if (!asksForRefreshToken(provider)) return `Add ${offlineAccess} to ${prefix}_SCOPE, if the provider knows it.`;
  if (words(provider.prompt ?? "").includes("consent"))
    return "Let this client have refresh tokens in the provider's settings.";
  return `Set ${prefix}_PROMPT=consent, or have the provider always issue refresh tokens to this client.`;
}

/** Says in the log what to do where a provider refused the scopes of a sign-in (RFC 6749, section 4.1.2.1). */
export function noteRefusedScope(provider: ProviderSettings, error: string): void {
  if (error !== "invalid_scope") return;
  const cure = `Set ${variablePrefix(provider.id)}_SCOPE to scopes that the provider knows, and look at resources in daemun.config.ts.`;
  log.error("provider.scope_refused", { provider: provider.id, scope: provider.scope, cure });
}

function words(text: string): string[] {
  return text.split(" ").filter(Boolean);
}
