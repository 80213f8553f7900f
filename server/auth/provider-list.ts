import "server-only";
import { endSessionEndpoint } from "../oidc/end-session";
import { signInHost, signOutHost } from "../oidc/leads-to";
import { getMetadata, type ProviderMetadata } from "../oidc/metadata";
import { rememberedDeadlines } from "../sessions/registry/policy";
import { env, findProvider } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { signUpParameters } from "./sign-in/sign-up";

/** A provider as the pages show it. */
export interface ProviderSummary {
  id: string;
  name: string;
  type: string;
  /** The host that signing in leads to. */
  host: string;
  /** Whether it has a registration page that a sign-in can open. */
  canSignUp: boolean;
  /** For how many whole days "Keep me signed in" does that, at most; null where it is not offered. */
  rememberDays: number | null;
  /** Whether it lets people choose an account, or enter a password, at every sign-in. */
  choosesAccount: boolean;
  /** Whether it can end its own session; null while that is not known. */
  endsProviderSession: boolean | null;
  /** The host that ending it leads to; null where that is not known, or there is none. */
  signOutHost: string | null;
}

// A page that offers three ways in must not wait for the slowest of them.
const providerListTimeoutMs = 1500;

/** The configured providers in order. Never throws: of one that cannot be asked, what is known is given. */
export function listProviders(locale: string): Promise<ProviderSummary[]> {
  return Promise.all(
    env().providers.map(async (provider) => {
      const metadata = await metadataSoon(provider);
      return {
        id: provider.id,
        name: nameIn(provider, locale),
        type: provider.type,
        host: metadata ? signInHost(provider, metadata) : signInHost(provider),
        canSignUp: signUpParameters(provider, metadata) !== null,
        rememberDays: rememberDays(provider.id),
        choosesAccount: /\b(?:login|select_account)\b/.test(provider.prompt ?? ""),
        endsProviderSession:
          metadata || provider.logout.endpoint ? endSessionEndpoint(provider, metadata) !== null : null,
        signOutHost: signOutHost(provider, metadata),
      };
    }),
  );
}

const awayMs = 5000;
const awayUntil = new Map<string, number>();

/** The metadata if it is there soon. A provider that just was not is not waited for again at every page. */
async function metadataSoon(provider: ProviderSettings): Promise<ProviderMetadata | null> {
  if ((awayUntil.get(provider.id) ?? 0) > Date.now()) return null;
  const metadata = await Promise.race([getMetadata(provider).catch(() => null), pause(providerListTimeoutMs)]);
  if (metadata) awayUntil.delete(provider.id);
  else awayUntil.set(provider.id, Date.now() + awayMs);
  return metadata;
}

/** What people call the provider `id`. Asks nobody; one that is no longer configured is called by its id. */
export function providerName(id: string, locale: string): string {
  const provider = findProvider(id);
  return provider ? nameIn(provider, locale) : id;
}

function nameIn({ name, koreanName }: ProviderSettings, locale: string): string {
  return locale === "ko" ? (koreanName ?? name) : name;
}

function rememberDays(id: string): number | null {
  const deadlines = rememberedDeadlines(id);
  return deadlines && Math.floor(deadlines.absoluteSeconds / 86_400);
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
